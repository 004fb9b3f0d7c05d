import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, type ErrorCode } from '../../../common/errors.ts';
import type { MarketSlice, PoolFacts, PoolPrices } from '../features/index.ts';
import type { Forecaster, ThreadModel } from './forecaster.ts';
import type { FamilyTally } from './tally-family.ts';

const MOST_THREADS = 4;
/** Families that may be done before their turn, for each thread; bounds what waits here: three numbers for each time and family. */
const AHEAD = 16;

/** Places in the counters that all threads share. */
export const NEXT_FAMILY = 0;
export const FAMILIES_TAKEN = 1;

/** A part of the market as a thread gets it; prices lie in memory that all threads share. */
export interface ThreadFamily {
  readonly pools: readonly PoolPrices[];
  readonly neighbours: readonly PoolPrices[];
  /** Of the pools, then of the neighbours. */
  readonly facts: readonly PoolFacts[];
}

/** What a thread is started with. */
export interface ThreadOrder {
  readonly model: ThreadModel;
  readonly families: readonly ThreadFamily[];
  readonly timesMs: Float64Array;
  readonly counters: Int32Array;
  /** Families that may be begun beyond those that were taken. */
  readonly ahead: number;
}

/** What a thread says. */
export type ThreadNews =
  | {
      readonly kind: 'family';
      readonly family: number;
      readonly tally: FamilyTally;
      readonly unknownFeatures: readonly (readonly [name: string, rows: number])[];
    }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode | undefined;
      readonly message: string;
      readonly hint: string | undefined;
    };

/**
 * `tallyFamily` for family after family, in threads that each take the next one. The same to the bit, in the same order.
 * @throws AppError as `tallyFamily`, `model.faulty` when a thread fails; what `signal` was aborted with
 */
export async function* tallyInThreads(
  {
    families,
    timesMs,
    inThread,
  }: {
    readonly families: readonly MarketSlice[];
    readonly timesMs: Float64Array;
    readonly inThread: NonNullable<Forecaster['inThread']>;
  },
  signal: AbortSignal,
): AsyncGenerator<FamilyTally> {
  const { model } = inThread;
  const count = Math.min(MOST_THREADS, availableParallelism(), families.length);
  const counters = new Int32Array(new SharedArrayBuffer(8));
  const order: ThreadOrder = {
    ...{ model, counters, ahead: count * AHEAD },
    families: families.map(threadFamily),
    timesMs: shared(timesMs),
  };
  const waiting = new Map<number, FamilyTally>();
  let failure: Error | undefined;
  let wake = () => {};
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  const threads = Array.from({ length: count }, () => {
    // Beside this module: TypeScript in a checkout, JavaScript in the desktop app.
    const file = new URL(`./backtest-thread${extname(import.meta.url)}`, import.meta.url);
    const thread = new Worker(file, { workerData: order });
    thread.on('message', (news: ThreadNews) => {
      if (news.kind === 'failed') {
        fail(errorOf(news, model.manifest.name));
        return;
      }
      for (const [name, rows] of news.unknownFeatures) inThread.addUnknown(name, rows);
      waiting.set(news.family, news.tally);
      wake();
    });
    thread.on('error', error => fail(faulty(model.manifest.name, error.message)));
    return thread;
  });
  try {
    for (let family = 0; family < families.length; family++) {
      let tally = waiting.get(family);
      for (; !tally; tally = waiting.get(family)) {
        signal.throwIfAborted();
        if (failure) throw failure;
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
      waiting.delete(family);
      yield tally;
      Atomics.store(counters, FAMILIES_TAKEN, family + 1);
      Atomics.notify(counters, FAMILIES_TAKEN);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    await Promise.all(threads.map(thread => thread.terminate()));
  }
}

function threadFamily({ pools, neighbours, factsOf }: MarketSlice): ThreadFamily {
  const all = [...pools, ...neighbours];
  return {
    pools: pools.map(sharedPool),
    neighbours: neighbours.map(sharedPool),
    facts: all.map(({ pool }) => factsOf(pool)),
  };
}

function sharedPool({ pool, atMs, priceMicroUsdPerHour }: PoolPrices): PoolPrices {
  return { pool, atMs: shared(atMs), priceMicroUsdPerHour: shared(priceMicroUsdPerHour) };
}

function shared(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function errorOf(
  { code, message, hint }: Extract<ThreadNews, { kind: 'failed' }>,
  modelName: string,
): AppError {
  if (code === undefined) return faulty(modelName, message);
  return new AppError(code, message, hint === undefined ? {} : { hint });
}

function faulty(modelName: string, reason: string): AppError {
  return new AppError('model.faulty', `The model "${modelName}" could not answer: ${reason}.`);
}
