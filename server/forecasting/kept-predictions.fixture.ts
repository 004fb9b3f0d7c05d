import { MS_PER_DAY, MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import { priceAt } from './features/index.ts';
import { NOW_MS, type openForecastingWorld, pools } from './forecasting-world.fixture.ts';
import { randomSamples } from './random-samples.fixture.ts';

type ForecastingWorld = Awaited<ReturnType<typeof openForecastingWorld>>;

/** When what is kept here begins. */
export const STARTED_MS = NOW_MS - 30 * MS_PER_DAY;

/**
 * Keeps predictions for every third hour of the 30 days as if they had been made then: off from what came by about
 * `relative` of it, either way.
 */
export async function keepPredictionsOff(
  world: ForecastingWorld,
  modelId: string,
  relative: number,
  options: { seed: number; lateMs?: number },
): Promise<void> {
  const { uniform } = randomSamples(options.seed);
  const series = await world.parts.market.prices.series(pools, STARTED_MS - MS_PER_DAY, NOW_MS + 1);
  const kept: Promise<void>[] = [];
  for (let madeAt = STARTED_MS; madeAt <= NOW_MS - MS_PER_DAY; madeAt += 3 * MS_PER_HOUR) {
    const predictions = series.map((records, row) => {
      const actual = priceAt(records, madeAt + MS_PER_DAY);
      const error = relative * (0.5 + uniform()) * (uniform() < 0.5 ? -1 : 1);
      return {
        pool: poolKey(records.pool),
        madeAt,
        forMs: madeAt + MS_PER_DAY,
        priceMicroUsdPerHour: Math.round(actual * (1 + error)),
        persistenceMicroUsdPerHour: priceAt(records, madeAt),
        quantiles: [],
        isCrossed: false,
        row,
      };
    });
    const batch = {
      madeAt,
      columns: 1,
      table: new Float64Array(6),
      output: new Float64Array(6),
      predictions,
    };
    const hashes = { model: modelId, features: 'test' };
    kept.push(world.parts.predictions.keep(modelId, hashes, batch, madeAt + (options.lateMs ?? 60_000)));
  }
  await Promise.all(kept);
}
