import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { Logger } from '../log.ts';
import { type ChildOutcome, MESSAGES_FD, PIPE_FD } from './child-messages.ts';
import { Deadlines } from './deadlines.ts';
import { messageFrame, readMessages } from './message-frames.ts';

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
  /** Further flags of Node. */
  readonly nodeFlags?: readonly string[];
  readonly log: Logger;
}

/** What holds for a child that runs models unless told otherwise; measured with ONNX Runtime 1.30 on Node 24. */
export const defaultChildLimits = { addressSpaceBytes: 2_000_000 * 1024, heapMib: 256 } as const;

type Settle = (outcome: ChildOutcome) => void;

/** How much of what a child says on its standard error is kept for the log. */
const LAST_WORDS_LENGTH = 4_000;

/** What a child that was killed by this process ends with, known before the system says so. */
const KILLED = { signal: 'SIGKILL', exitCode: null } as const;

/**
 * A Node process that may crash, hang, lie or want all memory without harm to this one: capped address space and heap,
 * no environment and so no secrets, a deadline for each request. It starts at once and never restarts by itself.
 */
export class CappedChild {
  readonly #process: ChildProcess;
  readonly #log: Logger;
  readonly #waiting = new Set<Settle>();
  readonly #deadlines = new Deadlines();
  readonly #asked = new Map<number, Settle>();
  readonly #ended: Promise<void>;
  #end: { signal: string | null; exitCode: number | null } | undefined;
  #isKilled = false;
  #lastWords = '';
  #nextId = 1;

  constructor(options: CappedChildOptions) {
    this.#log = options.log;
    this.#process = spawnCapped(options);
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-LAST_WORDS_LENGTH);
    });
    for (const pipe of [this.pipe, this.#messages]) {
      // What breaks a pipe ends the child as well, and that settles what waits for it.
      pipe?.on('error', () => undefined);
    }
    if (this.#messages) {
      const onBroken = (message: string) => this.#giveUp({ kind: 'malformed', message });
      readMessages(this.#messages, message => this.#take(message), onBroken);
    }
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

  /** False once the process has ended or is being killed; a request then answers `crashed`. */
  get isAlive(): boolean {
    return this.#end === undefined && !this.#isKilled;
  }

  /** Process id; `undefined` when it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /**
   * Bytes to and from the child beside `request`, for what is too large or too frequent for messages. Whoever reads
   * it may believe nothing of what comes: the child is not trusted. `undefined` when the child could not be started.
   */
  get pipe(): Duplex | undefined {
    return this.#stream(PIPE_FD);
  }

  /** Asks the child. Past the deadline the child is killed, and every other request of it answers `crashed`. */
  request(body: unknown, deadlineMs: number): Promise<ChildOutcome> {
    return this.exchange(deadlineMs, settle => {
      const id = this.#nextId++;
      this.#asked.set(id, settle);
      this.#messages?.write(messageFrame({ id, body }));
    });
  }

  /**
   * Asks the child in a way of the caller's own, which hands the outcome to `settle`; the rules of `request` about
   * the deadline and the child's death hold. A `malformed` outcome kills the child too.
   */
  exchange<T>(
    deadlineMs: number,
    begin: (settle: (outcome: ChildOutcome<T>) => void) => void,
  ): Promise<ChildOutcome<T>> {
    if (!this.isAlive) return Promise.resolve({ kind: 'crashed', ...(this.#end ?? KILLED) });
    return new Promise(resolve => {
      const settle = (outcome: ChildOutcome<T>) => {
        if (!this.#waiting.delete(settle as Settle)) return;
        this.#deadlines.meet(deadline);
        if (outcome.kind === 'timed-out' || outcome.kind === 'malformed') this.#kill();
        resolve(outcome);
      };
      this.#waiting.add(settle as Settle);
      const deadline = this.#deadlines.set(deadlineMs, () => settle({ kind: 'timed-out', deadlineMs }));
      begin(settle);
    });
  }

  /** Kills the child; resolves when it is gone. */
  async close(): Promise<void> {
    this.#kill();
    await this.#ended;
  }

  get #messages(): Duplex | undefined {
    return this.#stream(MESSAGES_FD);
  }

  #stream(fd: number): Duplex | undefined {
    const streams = this.#process.stdio as readonly unknown[] | undefined;
    return streams?.[fd] as Duplex | undefined;
  }

  #giveUp(outcome: ChildOutcome): void {
    for (const settle of this.#waiting) settle(outcome);
    this.#kill();
  }

  #kill(): void {
    if (!this.isAlive) return;
    this.#isKilled = true;
    this.#process.kill('SIGKILL');
  }

  #take(message: unknown): void {
    const { id, ok, value, message: reason } = (message ?? {}) as Record<string, unknown>;
    const settle = this.#asked.get(id as number);
    if (!settle) return;
    this.#asked.delete(id as number);
    settle(ok === true ? { kind: 'answer', value } : { kind: 'refused', message: String(reason) });
  }

  #finish(end: { signal: string | null; exitCode: number | null }): void {
    if (this.#end) return;
    this.#end = end;
    if (this.#waiting.size > 0 && !this.#isKilled) {
      this.#log.warn({ ...end, lastWords: this.#lastWords }, 'a capped child ended before it answered');
    }
    this.#giveUp({ kind: 'crashed', ...end });
    this.#deadlines.clear();
  }
}

/** No core file of what the child held in memory; then the cap; then the program in the place of the shell. */
const CAP_SCRIPT = 'ulimit -c 0; ulimit -v "$0" || exit 97; exec "$@"';

function spawnCapped(options: CappedChildOptions): ChildProcess {
  const { nodePath, script, addressSpaceBytes, heapMib, nodeFlags = [], log } = options;
  const node = [
    nodePath,
    // Fewer threads of V8 take less address space, which leaves more for the model.
    '--v8-pool-size=1',
    `--max-old-space-size=${heapMib}`,
    '--no-warnings',
    ...nodeFlags,
    script,
  ];
  const canCap = process.platform === 'linux';
  if (!canCap)
    log.info({ platform: process.platform }, 'this system cannot cap the memory of a child process');
  const capKib = String(Math.floor(addressSpaceBytes / 1024));
  const [program = '', ...rest] = canCap ? ['/bin/sh', '-c', CAP_SCRIPT, capKib, ...node] : node;
  return spawn(program, rest, {
    env: minimalEnvironment(),
    // For messages and for the rest; on systems other than Windows the same as 'pipe'.
    stdio: ['ignore', 'ignore', 'pipe', 'overlapped', 'overlapped'],
    windowsHide: true,
  });
}

/** Nothing of this process's environment, but for what Windows needs to start a program at all. */
function minimalEnvironment(): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env;
  return process.platform === 'win32' && SystemRoot !== undefined ? { SystemRoot } : {};
}
