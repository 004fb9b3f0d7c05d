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
  end(): Promise<void>;
}

/** Starts the engine on a free port and waits until it listens. */
export async function startEngineProcess(data: string, ...flags: string[]): Promise<EngineProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(root, 'server/main.ts'), 'server', '--port', '0', '--data', data, '--log-level', 'error', ...flags],
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
    peakBytes: () => {
      if (process.platform !== 'linux') return undefined;
      const peakKib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      return peakKib === undefined ? undefined : Number(peakKib) * 1024;
    },
    end: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
