import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from '../log.ts';
import type { ChildAnswer, ChildOutcome } from './child-messages.ts';

/** Limits of a child and where it runs. */
export interface CappedChildOptions {
  /** The Node program. Inside Electron `process.execPath` is Electron, which cannot run a script: pass another one. */
  readonly nodePath: string;
  /** Absolute path of the child's script. */
  readonly script: string;
  /**
   * Most address space, where the system can limit it (Linux). Node 24 itself reserves about 1.3 GB of it, so less than
   * 1.5 GB does not start; what the script may really use is the rest.
   */
  readonly addressSpaceBytes: number;
  /** Most JavaScript heap. */
  readonly heapMib: number;
  readonly log: Logger;
}

/** What holds for a child that runs models unless told otherwise; measured with ONNX Runtime 1.30 on Node 24. */
export const defaultChildLimits = { addressSpaceBytes: 2_000_000 * 1024, heapMib: 256 } as const;

interface Waiting {
  readonly settle: (outcome: ChildOutcome) => void;
  readonly deadline: NodeJS.Timeout;
}

/** How much of what a child says on its standard error is kept for the log. */
const LAST_WORDS_LENGTH = 4_000;

/**
 * A Node process that may crash, hang or want all memory without harm to this one: capped address space and heap, no
 * environment and so no secrets, a deadline for each request. It starts at once and never restarts by itself.
 */
export class CappedChild {
  readonly #process: ChildProcess;
  readonly #log: Logger;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #end: { signal: string | null; exitCode: number | null } | undefined;
  #lastWords = '';
  #nextId = 1;

  constructor(options: CappedChildOptions) {
    this.#log = options.log;
    this.#process = spawnCapped(options);
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-LAST_WORDS_LENGTH);
    });
    this.#process.on('message', message => this.#take(message as ChildAnswer));
    this.#ended = new Promise(resolve => {
      // `close` comes after the last message that the child managed to send.
      this.#process.once('close', (exitCode, signal) => {
        this.#finish({ signal, exitCode });
        resolve();
      });
      this.#process.once('error', error => {
        this.#lastWords = error.message;
        this.#finish({ signal: null, exitCode: null });
        resolve();
      });
    });
  }

  /** False once the process has ended; a request then answers `crashed`. */
  get isAlive(): boolean {
    return this.#end === undefined;
  }

  /** Process id; `undefined` when it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Asks the child. Past the deadline the child is killed, and every other request of it answers `crashed`. */
  request(body: unknown, deadlineMs: number): Promise<ChildOutcome> {
    const end = this.#end;
    if (end) return Promise.resolve({ kind: 'crashed', ...end });
    return new Promise(settle => {
      const id = this.#nextId++;
      const deadline = setTimeout(() => {
        this.#waiting.delete(id);
        this.#process.kill('SIGKILL');
        settle({ kind: 'timed-out', deadlineMs });
      }, deadlineMs);
      this.#waiting.set(id, { settle, deadline });
      // A failed send means that the process is gone or going: its end settles the request.
      this.#process.send({ id, body }, () => undefined);
    });
  }

  /** Kills the child; resolves when it is gone. */
  async close(): Promise<void> {
    if (this.isAlive) this.#process.kill('SIGKILL');
    await this.#ended;
  }

  #take(answer: ChildAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.deadline);
    waiting.settle(
      answer.ok
        ? { kind: 'answer', value: answer.value }
        : { kind: 'refused', message: String(answer.message) },
    );
  }

  #finish(end: { signal: string | null; exitCode: number | null }): void {
    if (this.#end) return;
    this.#end = end;
    if (this.#waiting.size > 0) {
      this.#log.warn({ ...end, lastWords: this.#lastWords }, 'a capped child ended before it answered');
    }
    for (const { settle, deadline } of this.#waiting.values()) {
      clearTimeout(deadline);
      settle({ kind: 'crashed', ...end });
    }
    this.#waiting.clear();
  }
}

/** No core file of what the child held in memory; then the cap; then the program in the place of the shell. */
const CAP_SCRIPT = 'ulimit -c 0; ulimit -v "$0" || exit 97; exec "$@"';

function spawnCapped(options: CappedChildOptions): ChildProcess {
  const { nodePath, script, addressSpaceBytes, heapMib, log } = options;
  const node = [
    nodePath,
    // Fewer threads of V8 take less address space, which leaves more for the model.
    '--v8-pool-size=1',
    `--max-old-space-size=${heapMib}`,
    '--no-warnings',
    script,
  ];
  const canCap = process.platform === 'linux';
  if (!canCap)
    log.info({ platform: process.platform }, 'this system cannot cap the memory of a child process');
  const capKib = String(Math.floor(addressSpaceBytes / 1024));
  const [program = '', ...rest] = canCap ? ['/bin/sh', '-c', CAP_SCRIPT, capKib, ...node] : node;
  return spawn(program, rest, {
    env: minimalEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    windowsHide: true,
  });
}

/** Nothing of this process's environment, but for what Windows needs to start a program at all. */
function minimalEnvironment(): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env;
  return process.platform === 'win32' && SystemRoot !== undefined ? { SystemRoot } : {};
}
