import { type UtilityProcess, utilityProcess } from 'electron';
import type { EngineAddress, EngineState } from '../../common/desktop-bridge.ts';
import type { EngineSays, EngineStart } from './engine-messages.ts';

/** After this many ends in a row without being ready once, trying again would only hide the fault. */
const MAX_FAILED_STARTS = 3;
const RESTART_DELAY_MS = 1_000;
const STOP_LIMIT_MS = 8_000;

/** Keeps the engine running in a utility process; no window ever waits for it. */
export class EngineSupervisor {
  readonly #script: string;
  readonly #start: EngineStart;
  readonly #onState: (state: EngineState) => void;
  #child: UtilityProcess | undefined;
  #address: EngineAddress | undefined;
  #waiting: ((address: EngineAddress) => void)[] = [];
  #failedStarts = 0;
  #lastReason = 'The engine ended without a word.';
  #stopping = false;

  /** @param script the built `run-engine` file */
  constructor(script: string, start: EngineStart, onState: (state: EngineState) => void) {
    this.#script = script;
    this.#start = start;
    this.#onState = onState;
  }

  /** Starts the engine, and again whenever it ends by itself. */
  start(): void {
    this.#onState({ state: 'starting' });
    const child = utilityProcess.fork(this.#script, [], {
      serviceName: 'CloudOptim engine',
      stdio: 'inherit',
    });
    this.#child = child;
    child.on('spawn', () => child.postMessage(this.#start));
    child.on('message', (message: EngineSays) => this.#hear(message));
    child.on('exit', code => this.#ended(code));
  }

  /** Resolves with the engine's address once it is ready. */
  address(): Promise<EngineAddress> {
    const known = this.#address;
    if (known) return Promise.resolve(known);
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  /** Asks the engine to end at a safe place; kills it when it does not. */
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

  #hear(message: EngineSays): void {
    if (message.kind === 'failed') {
      this.#lastReason = message.reason;
      return;
    }
    this.#failedStarts = 0;
    this.#address = { baseUrl: message.baseUrl, token: message.token };
    for (const resolve of this.#waiting.splice(0)) resolve(this.#address);
    this.#onState({ state: 'ready' });
  }

  #ended(code: number): void {
    this.#child = undefined;
    if (this.#address === undefined) this.#failedStarts++;
    else this.#lastReason = `The engine ended unexpectedly (exit ${code}).`;
    this.#address = undefined;
    if (this.#stopping) return;
    if (this.#failedStarts >= MAX_FAILED_STARTS) {
      this.#onState({ state: 'failed', reason: this.#lastReason });
      return;
    }
    this.#onState({ state: 'restarting', reason: this.#lastReason });
    setTimeout(() => {
      if (!this.#stopping) this.start();
    }, RESTART_DELAY_MS);
  }
}
