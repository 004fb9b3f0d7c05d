import { MS_PER_HOUR, parsePoolKey, poolKey } from '../../common/units/index.ts';
import { priceAt } from './features/index.ts';
import type { ForecastParts } from './forecast-parts.ts';
import type { PredictionPair } from './live-prediction-store.ts';
import { type PairedBlock, type PairedPoint, pairedBlocks } from './paired-errors.ts';
import { pricesFor } from './predict.ts';

/** Prices come in by an hourly fill; a block is judged once, so it waits until they surely have. */
const SETTLED_AFTER_MS = 6 * MS_PER_HOUR;

/** What is compared since when. */
export interface Comparison {
  /** Names what is kept: `experiment/{id}`. */
  readonly judgement: string;
  readonly firstId: string;
  /** The other model; `undefined` is "the last price stays". */
  readonly secondId: string | undefined;
  readonly startMs: number;
  /** Predictions made from then on do not count. */
  readonly endMs: number;
  readonly blockMs: number;
}

/**
 * All blocks of a comparison whose outcome has settled: those judged before as they were, and new ones from live predictions
 * of both sides and the prices that came. New ones are kept.
 */
export async function loadBlocks(parts: ForecastParts, comparison: Comparison): Promise<PairedBlock[]> {
  const { live, blocks, clock } = parts;
  const { judgement, firstId, secondId, startMs, endMs, blockMs } = comparison;
  const known = await blocks.of(judgement);
  const last = known.at(-1);
  const nextMs = last === undefined ? startMs : last.startMs + blockMs;
  const nowMs = clock.now() - SETTLED_AFTER_MS;
  if (nextMs >= Math.min(nowMs, endMs)) return known;
  const made =
    secondId === undefined
      ? (await live.ofModel(firstId, nextMs, endMs)).map(prediction => ({
          ...prediction,
          firstMicroUsdPerHour: prediction.priceMicroUsdPerHour,
          secondMicroUsdPerHour: prediction.persistenceMicroUsdPerHour,
        }))
      : await live.pairs(firstId, secondId, nextMs, endMs);
  const points = await withActuals(
    parts,
    made.filter(prediction => prediction.forMs <= nowMs),
  );
  const fresh = pairedBlocks(points, { startMs, blockMs, nowMs });
  await blocks.add(judgement, { first: firstId, second: secondId ?? 'persistence' }, fresh);
  return [...known, ...fresh];
}

/** Pairs for whose time a price is known. */
async function withActuals(
  { market }: ForecastParts,
  made: readonly PredictionPair[],
): Promise<PairedPoint[]> {
  if (made.length === 0) return [];
  const pools = [...new Set(made.map(pair => pair.pool))].flatMap(key => parsePoolKey(key) ?? []);
  const times = made.map(pair => pair.forMs);
  const fromMs = times.reduce((first, at) => Math.min(first, at), Number.POSITIVE_INFINITY);
  const toMs = times.reduce((last, at) => Math.max(last, at), 0);
  const prices = await pricesFor(market, ['last_price_usd'], pools, fromMs, toMs);
  const recordsOf = new Map(prices.map(records => [poolKey(records.pool), records]));
  return made.flatMap(pair => {
    const records = recordsOf.get(pair.pool);
    const actual = records === undefined ? Number.NaN : priceAt(records, pair.forMs);
    if (Number.isNaN(actual)) return [];
    return {
      pool: pair.pool,
      madeAt: pair.madeAt,
      forMs: pair.forMs,
      first: pair.firstMicroUsdPerHour,
      second: pair.secondMicroUsdPerHour,
      persistence: pair.persistenceMicroUsdPerHour,
      actual,
    };
  });
}
