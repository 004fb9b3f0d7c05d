import { type UtilityProcess, utilityProcess } from 'electron';
import type { EngineAddress, EngineState } from '../../common/desktop-bridge.ts';
import type { EngineHears, EngineSays, EngineStart } from './engine-messages.ts';
import { RestartLimit } from './restart-limit.ts';
import type { RotatedLog } from './rotated-log.ts';

const RESTART_DELAY_MS = 1_000;
const STOP_LIMIT_MS = 8_000;

/** Keeps the engine running in a utility process; no window ever waits for it. */
export class EngineSupervisor {
  readonly #script: string;
  #start: EngineStart;
  readonly #log: RotatedLog;
  readonly #now: () => number;
  readonly #onState: (state: EngineState) => void;
  readonly #limit: RestartLimit;
  #child: UtilityProcess | undefined;
  #address: EngineAddress | undefined;
  #waiting: ((address: EngineAddress) => void)[] = [];
  #state: EngineState = { state: 'starting' };
  /** What the engine said of its end, if it did. */
  #lastWords: string | undefined;
  #restarted: { readonly at: number; readonly reason: string } | undefined;
  #stopping = false;

  /**
   * @param parts `script` is the built `run-engine` file; `log` gets all that the engine says; `now` in milliseconds; `onState` is told of
   * each change
   */
  constructor(parts: {
    readonly script: string;
    readonly start: EngineStart;
    readonly log: RotatedLog;
    readonly now: () => number;
    readonly onState: (state: EngineState) => void;
  }) {
    this.#script = parts.script;
    this.#start = parts.start;
    this.#log = parts.log;
    this.#now = parts.now;
    this.#onState = parts.onState;
    this.#limit = new RestartLimit(parts.now);
  }

  /** How the engine is. */
  get state(): EngineState {
    return this.#state;
  }

  /** Starts the engine, and again whenever it ends by itself, until it does so too often. Does nothing while it runs. */
  start(): void {
    if (this.#child !== undefined || this.#stopping) return;
    this.#limit.reset();
    this.#restarted = undefined;
    this.#fork();
  }

  /** Resolves with the engine's address once it is ready. */
  address(): Promise<EngineAddress> {
    const known = this.#address;
    if (known) return Promise.resolve(known);
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  /** Has kubeconfigs of a folder read, now and after each restart; `undefined` of none. */
  readKubeconfigsIn(folder: string | undefined): void {
    this.#start = { ...this.#start, kubeconfigFolder: folder };
    this.#child?.postMessage({ kind: 'kubeconfig-folder', folder } satisfies EngineHears);
  }

  /** Asks the engine to end at a safe place; does not wait longer than that takes. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child) return;
    await new Promise<void>(resolve => {
      const limit = setTimeout(() => resolve(), STOP_LIMIT_MS);
      child.once('exit', () => {
        clearTimeout(limit);
        resolve();
      });
      child.kill();
    });
  }

  #fork(): void {
    if (this.#restarted === undefined) this.#enter({ state: 'starting' });
    this.#log.note(this.#now(), 'The engine starts.');
    const child = utilityProcess.fork(this.#script, [], { serviceName: 'CloudOptim engine', stdio: 'pipe' });
    this.#child = child;
    this.#lastWords = undefined;
    child.stdout?.on('data', chunk => this.#log.write(chunk));
    child.stderr?.on('data', chunk => this.#log.write(chunk));
    child.on('spawn', () => child.postMessage(this.#start));
    child.on('message', (message: EngineSays) => this.#hear(message));
    child.on('exit', code => this.#ended(code));
  }

  #hear(message: EngineSays): void {
    if (message.kind === 'failed') {
      this.#lastWords = message.reason;
      return;
    }
    this.#address = { baseUrl: message.baseUrl, token: message.token };
    for (const resolve of this.#waiting.splice(0)) resolve(this.#address);
    this.#enter({ state: 'ready', ...(this.#restarted ? { restarted: this.#restarted } : {}) });
  }

  #ended(code: number): void {
    this.#child = undefined;
    this.#address = undefined;
    if (this.#stopping) return;
    const reason = this.#lastWords ?? `The engine ended unexpectedly (exit ${code}).`;
    this.#log.note(this.#now(), reason);
    if (!this.#limit.mayRestart()) {
      this.#enter({ state: 'failed', reason });
      return;
    }
    this.#restarted = { at: this.#now(), reason };
    this.#enter({ state: 'restarting', reason });
    setTimeout(() => {
      if (!this.#stopping && this.#child === undefined) this.#fork();
    }, RESTART_DELAY_MS);
  }

  #enter(state: EngineState): void {
    this.#state = state;
    this.#onState(state);
  }
}
