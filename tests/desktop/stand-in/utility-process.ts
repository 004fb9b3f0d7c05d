import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const start = new URL('./utility-start.ts', import.meta.url).href;

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;

  constructor(script: string, args: readonly string[], options: { stdio?: string; env?: NodeJS.ProcessEnv }) {
    super();
    const output = options.stdio === 'pipe' ? 'pipe' : 'inherit';
    this.#child = fork(script.startsWith('file:') ? fileURLToPath(script) : script, [...args], {
      execArgv: ['--import', start],
      serialization: 'advanced',
      stdio: ['ignore', output, output, 'ipc'],
      env: options.env ?? process.env,
    });
    this.stdout = this.#child.stdout;
    this.stderr = this.#child.stderr;
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('message', message => this.emit('message', message));
    this.#child.on('exit', code => this.emit('exit', code ?? 1));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as object);
  }

  kill(): boolean {
    return this.#child.kill();
  }
}

const running = new Map<UtilityProcess, string>();

/** Utility processes are child processes of Node. */
export const utilityProcess = {
  fork: (
    script: string,
    args: readonly string[] = [],
    options: { serviceName?: string; stdio?: string } = {},
  ) => {
    const child = new UtilityProcess(script, args, options);
    running.set(child, options.serviceName ?? '');
    child.on('exit', () => running.delete(child));
    return child;
  },
};

/** Those that run, as `app.getAppMetrics` tells them. */
export function utilityMetrics(): { type: string; pid: number; name: string }[] {
  return [...running].map(([{ pid = 0 }, name]) => ({ type: 'Utility', pid, name }));
}
