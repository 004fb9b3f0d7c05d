import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** `cloudoptim server` as a process of its own. */
export interface EngineProcess {
  readonly url: string;
  readonly token: string;
  /** The most memory that it held so far (VmHWM), in bytes; `undefined` where the system does not say. */
  peakBytes(): number | undefined;
  /** What it holds now (VmRSS), in bytes; `undefined` where the system does not say. */
  residentBytes(): number | undefined;
  end(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** Starts the engine and waits until it listens: on a free port unless the flags name one. */
export function startEngineProcess(data: string, ...flags: string[]): Promise<EngineProcess> {
  return startEngineAt(join(root, 'server/main.ts'), data, ...flags);
}

/** The same of another build. @param main its script */
export async function startEngineAt(main: string, data: string, ...flags: string[]): Promise<EngineProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [main, 'server', '--port', '0', '--data', data, '--log-level', 'error', ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const link = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /Sign in:\s+(\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', code =>
      reject(new Error(`the engine ended with ${code} before it listened: ${said}`)),
    );
  });
  const [url = '', token = ''] = link.split('/#token=');
  return {
    url,
    token,
    peakBytes: () => memoryOf(child, 'VmHWM'),
    residentBytes: () => memoryOf(child, 'VmRSS'),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function memoryOf({ pid }: ChildProcess, figure: 'VmHWM' | 'VmRSS'): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const kib = new RegExp(`${figure}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
