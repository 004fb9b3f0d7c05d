import { Worker } from 'node:worker_threads';
import { AppError } from '../../../common/errors.ts';
import type { PackingAnswer } from './packing-answer.ts';
import type { PackingProblem } from './problem.ts';

/** What a packing worker is started with. */
export interface PackingOrder {
  readonly problem: PackingProblem;
  readonly seed: number;
  /** Time after which the best packing so far is the answer. */
  readonly timeLimitMs: number;
  /** One 32-bit integer; anything but 0 asks for the best so far. */
  readonly stop: SharedArrayBuffer;
}

/** What a packing worker says. */
export type PackingMessage =
  | { readonly kind: 'better'; readonly costMicroUsdPerHour: number }
  | { readonly kind: 'answer'; readonly answer: PackingAnswer };

export interface PackInWorkerOptions {
  readonly seed: number;
  readonly timeLimitMs: number;
  /** Aborting asks for the best so far; it does not reject. */
  readonly signal?: AbortSignal;
  readonly report?: (costMicroUsdPerHour: number) => void;
}

/**
 * Packs in a thread of its own, so that the event loop here never waits for it. HiGHS is loaded there and goes with the thread.
 * @throws AppError `bug.unexpected` when the thread ends without an answer
 */
export function packInWorker(problem: PackingProblem, options: PackInWorkerOptions): Promise<PackingAnswer> {
  const { seed, timeLimitMs, signal, report } = options;
  const stop = new SharedArrayBuffer(4);
  const askToStop = () => Atomics.store(new Int32Array(stop), 0, 1);
  if (signal?.aborted) askToStop();
  signal?.addEventListener('abort', askToStop, { once: true });
  return new Promise<PackingAnswer>((resolve, reject) => {
    const workerData: PackingOrder = { problem, seed, timeLimitMs, stop };
    const worker = new Worker(new URL('./packing-worker.ts', import.meta.url), { workerData });
    worker.on('message', (message: PackingMessage) => {
      if (message.kind === 'better') report?.(message.costMicroUsdPerHour);
      else resolve(message.answer);
    });
    worker.on('error', reject);
    worker.on('exit', code => {
      // After an answer this changes nothing: a promise is settled once.
      reject(new AppError('bug.unexpected', `The packing thread ended with code ${code} and no answer.`));
    });
  }).finally(() => signal?.removeEventListener('abort', askToStop));
}
