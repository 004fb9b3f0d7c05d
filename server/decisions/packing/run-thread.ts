import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../common/errors.ts';

/** What every packing thread is started with, besides its own order. */
export interface ThreadLimits {
  readonly seed: number;
  /** Time after which the best so far is the answer. */
  readonly timeLimitMs: number;
  /** One 32-bit integer; anything but 0 asks for the best so far. */
  readonly stop: SharedArrayBuffer;
}

/** What a packing thread says. */
export type ThreadMessage<Answer> =
  | { readonly kind: 'better'; readonly costMicroUsdPerHour: number }
  | { readonly kind: 'answer'; readonly answer: Answer };

export interface ThreadOptions {
  readonly seed: number;
  readonly timeLimitMs: number;
  /** Aborting asks for the best so far; it does not reject. */
  readonly signal?: AbortSignal;
  readonly report?: (costMicroUsdPerHour: number) => void;
}

/** Scripts that are started as threads; the desktop build has an entry of this name for each. */
type ThreadScript = 'packing-worker';

/**
 * Runs a script in a thread of its own, so that the event loop here never waits for it. What it loads goes with the thread.
 * @throws AppError `bug.unexpected` when the thread ends without an answer
 */
export function runThread<Answer>(
  script: ThreadScript,
  order: object,
  options: ThreadOptions,
): Promise<Answer> {
  const { seed, timeLimitMs, signal, report } = options;
  const stop = new SharedArrayBuffer(4);
  const askToStop = () => Atomics.store(new Int32Array(stop), 0, 1);
  if (signal?.aborted) askToStop();
  signal?.addEventListener('abort', askToStop, { once: true });
  return new Promise<Answer>((resolve, reject) => {
    const limits: ThreadLimits = { seed, timeLimitMs, stop };
    // Beside this module: TypeScript in a checkout, JavaScript in the desktop app.
    const file = new URL(`./${script}${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { workerData: { ...order, ...limits } });
    worker.on('message', (message: ThreadMessage<Answer>) => {
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
