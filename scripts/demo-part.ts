import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A part of the demo did not come up; the message is what it said itself. */
export class PartFailed extends Error {}

/** A process of the demo. */
export interface Part {
  readonly name: string;
  /** Resolves with how it ended: `exit 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** The first line on its standard output that fits. @throws PartFailed when it ends or takes too long instead. */
  firstLine(pattern: RegExp): Promise<string>;
  /** Ends it; kills it when it does not end by itself. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 8_000;

/** Starts a part on this very Node. It ends with this process, however that dies: its standard input closes then. */
export function startPart(options: {
  name: string;
  script: string;
  flags: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** What the part says on standard error goes there. */
  logFile: string;
}): Part {
  const { name, script, flags, environment, logFile } = options;
  const child = spawn(process.execPath, [script, ...flags], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    // A group of its own: Ctrl-C reaches this process alone, which then ends the parts in order.
    detached: process.platform !== 'win32',
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  const lastWords: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords.push(chunk.toString());
    if (lastWords.length > 20) lastWords.shift();
    log.write(chunk);
  });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<string>(resolve => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
    child.once('error', error => resolve(error.message));
  });

  return {
    name,
    ended,
    firstLine: pattern =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new PartFailed(`The ${name} was not ready after ${START_LIMIT_MS / 1000} s.`)),
          START_LIMIT_MS,
        );
        lines.on('line', line => {
          if (!pattern.test(line)) return;
          clearTimeout(limit);
          resolve(line);
        });
        void ended.then(how => {
          clearTimeout(limit);
          reject(new PartFailed(`The ${name} did not start (${how}). ${lastWords.join('').trim()}`));
        });
      }),
    stop: () => stopChild(child, ended),
  };
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(limit);
}
