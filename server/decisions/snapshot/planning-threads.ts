import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../common/errors.ts';
import {
  type FromPlanner,
  type PartMessage,
  type PlanningAnswer,
  type PlanningOrders,
  putTogether,
  type ToPlanner,
  takeApart,
} from './planning-orders.ts';

/** How a plan is asked for. */
export interface PlanningOptions {
  readonly seed: number;
  readonly timeLimitMs: number;
  /** Aborting asks for the best so far; it does not reject. */
  readonly signal?: AbortSignal;
  readonly report?: (costMicroUsdPerHour: number) => void;
}

/** A thread answers in time by itself; nobody waits for one that does not longer than this. */
const GRACE_MS = 20;
/** It notices soon that nobody waits; one that does not in this time is ended. */
const PATIENCE_MS = 5_000;
/** A thread that has planned once is several times faster than a fresh one, so it is kept for a while. */
const KEPT_MS = 60_000;

interface KeptWorker {
  readonly worker: Worker;
  readonly timer: NodeJS.Timeout;
  readonly forget: () => void;
}

const kept: KeptWorker[] = [];

/**
 * Has a plan made in a thread of its own. The event loop here is never held for longer than it takes to copy a small part of the order or of the answer.
 * @returns undefined when time ran out before there was anything, not even that nothing changes
 * @throws AppError `bug.unexpected` when the thread breaks
 */
export async function askPlanner<Task extends keyof PlanningOrders>(
  order: PlanningOrders[Task]['order'] & { readonly task: Task },
  options: PlanningOptions,
): Promise<PlanningOrders[Task]['answer'] | undefined> {
  const startedAt = performance.now();
  const worker = takeWorker();
  const answering = answerOf(worker, options);
  const stop = new SharedArrayBuffer(4);
  const askToStop = () => Atomics.store(new Int32Array(stop), 0, 1);
  if (options.signal?.aborted) askToStop();
  options.signal?.addEventListener('abort', askToStop, { once: true });
  const tell = (message: ToPlanner) => worker.postMessage(message);
  try {
    const { rest, parts } = takeApart(order.snapshot);
    for (const part of parts) {
      tell(part);
      await setImmediate();
    }
    const untilMs = performance.timeOrigin + startedAt + options.timeLimitMs;
    tell({
      kind: 'order',
      order: { ...order, snapshot: rest },
      limits: { seed: options.seed, untilMs, stop },
    });
    const answer = await inTime(answering, startedAt + options.timeLimitMs + GRACE_MS);
    if (answer) keep(worker);
    else {
      askToStop();
      const ending = setTimeout(() => worker.terminate(), PATIENCE_MS);
      answering
        .then(
          () => keep(worker),
          () => worker.terminate(),
        )
        .finally(() => clearTimeout(ending));
    }
    return answer;
  } catch (error) {
    void worker.terminate();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', askToStop);
  }
}

/** The same, or `undefined` when that takes longer. */
async function inTime<T>(work: Promise<T>, latestMs: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), Math.max(0, latestMs - performance.now()));
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

function answerOf(worker: Worker, { report }: PlanningOptions): Promise<PlanningAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PlanningAnswer>();
  const parts: PartMessage[] = [];
  const onMessage = (message: FromPlanner) => {
    if (message.kind === 'better') report?.(message.costMicroUsdPerHour);
    else if (message.kind === 'answer') resolve(putTogether(message.answer, parts));
    else {
      parts.push(message);
      worker.postMessage({ kind: 'next' } satisfies ToPlanner);
    }
  };
  const fail = (cause: unknown) =>
    reject(new AppError('bug.unexpected', `The planning thread broke: ${String(cause)}`, { cause }));
  const onExit = (code: number) => fail(`it ended with code ${code}`);
  worker.on('message', onMessage);
  worker.on('error', fail);
  worker.on('exit', onExit);
  // Whoever awaits hears of it; until then it is nobody's.
  promise.catch(() => undefined);
  return promise.finally(() => {
    worker.off('message', onMessage);
    worker.off('error', fail);
    worker.off('exit', onExit);
  });
}

function takeWorker(): Worker {
  const last = kept.pop();
  if (last) {
    clearTimeout(last.timer);
    last.worker.off('error', last.forget);
    last.worker.off('exit', last.forget);
    last.worker.ref();
    return last.worker;
  }
  // Beside this module: TypeScript in a checkout, JavaScript in the desktop app.
  return new Worker(new URL(`./planning-worker${extname(import.meta.url)}`, import.meta.url));
}

/** Nothing waits for a thread that waits. */
function keep(worker: Worker): void {
  const forget = () => {
    const place = kept.findIndex(one => one.worker === worker);
    if (place >= 0) kept.splice(place, 1);
  };
  worker.on('error', forget);
  worker.on('exit', forget);
  worker.unref();
  const timer = setTimeout(() => {
    forget();
    void worker.terminate();
  }, KEPT_MS).unref();
  kept.push({ worker, timer, forget });
}
