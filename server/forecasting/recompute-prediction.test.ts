import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api } from '../../common/contracts/index.ts';
import { MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import type { ForecastTables } from './forecast-tables.ts';
import { NOW_MS, openForecastingWorld, pools } from './forecasting-world.fixture.ts';
import { packInputs } from './pack-inputs.ts';

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
let ridge: string;
let trees: string;
const keys = pools.map(poolKey);
const [pool = ''] = keys;

beforeAll(async () => {
  world = await openForecastingWorld();
  ridge = await world.register('spot-price-ridge');
  trees = await world.register('spot-price-gbt');
});
afterAll(() => world.close());

const rows = () => world.database.reader<ForecastTables>();

describe('a kept prediction', () => {
  it('is recomputed to the same bit, every one of every model', async () => {
    for (const modelId of [ridge, trees]) {
      let recomputed = 0;
      for (const key of keys) {
        for (const hours of [0, 3, 60, 180]) {
          const again = await world.forecasting.recompute(modelId, key, NOW_MS - hours * MS_PER_HOUR);
          expect(again).toMatchObject({ verdict: 'equal', pool: key });
          expect(again.recomputedOutput).toBe(again.keptOutput);
          expect(again.recomputedPriceMicroUsdPerHour).toBe(again.keptPriceMicroUsdPerHour);
          expect(api.forecasts.recomputePrediction.response.parse(JSON.parse(JSON.stringify(again)))).toEqual(
            again,
          );
          recomputed++;
        }
      }
      expect(recomputed).toBe(24);
    }
  });

  it('names the features that it was made from', async () => {
    const again = await world.forecasting.recompute(ridge, pool, NOW_MS);
    const model = await world.models.get(ridge);
    expect(again.features.map(feature => feature.name)).toEqual(
      model.manifest.features.map(feature => feature.name),
    );
    expect(again.modelHash).toBe(model.sha256);
  });

  it('is found to differ when its inputs are not what they were', async () => {
    const kept = await world.parts.predictions.one(ridge, pool, NOW_MS);
    if (!kept?.inputs) throw new Error('The prediction has no inputs.');
    const { columns, table, output, row } = kept.inputs;
    table[row * columns] = (table[row * columns] ?? 0) + 1;
    const change = (set: { body: Uint8Array } | { data_hash: null }) =>
      world.database.write<ForecastTables, void>(async transaction => {
        await transaction
          .updateTable('prediction_inputs')
          .set(set)
          .where('model_id', '=', ridge)
          .where('made_at', '=', NOW_MS)
          .execute();
      });
    await change({ body: packInputs({ columns, table, output }) });
    const other = await world.forecasting.recompute(ridge, pool, NOW_MS);
    expect(other).toMatchObject({ verdict: 'unknown', sentence: expect.stringContaining('hash') });
    // What is older than the hash of its inputs is only seen by its answer.
    await change({ data_hash: null });
    const again = await world.forecasting.recompute(ridge, pool, NOW_MS);
    expect(again.verdict).toBe('different');
    expect(again.sentence).toMatch(/puts out .* instead of/);
  });

  it('is unknown when it was made by another file, or before inputs were kept', async () => {
    const change = (set: { model_hash: string } | { input_id: null }, hours: number) =>
      world.database.write<ForecastTables, void>(async transaction => {
        await transaction
          .updateTable('predictions')
          .set(set)
          .where('model_id', '=', trees)
          .where('made_at', '=', NOW_MS - hours * MS_PER_HOUR)
          .execute();
      });
    await change({ model_hash: 'of another file' }, 6);
    await change({ input_id: null }, 9);
    const other = await world.forecasting.recompute(trees, pool, NOW_MS - 6 * MS_PER_HOUR);
    expect(other).toMatchObject({ verdict: 'unknown', sentence: expect.stringContaining('of another file') });
    const old = await world.forecasting.recompute(trees, pool, NOW_MS - 9 * MS_PER_HOUR);
    expect(old).toMatchObject({ verdict: 'unknown', keptOutput: null, features: [] });
  });

  it('is asked for by the time it was made at, and the answer names one that is not there', async () => {
    await expect(world.forecasting.recompute(ridge, pool, NOW_MS - 1)).rejects.toMatchObject({
      code: 'resource.not-found',
      message: expect.stringContaining('2026-11-23T11:59:59.999Z'),
    });
  });

  it('is gone with its inputs when its time is over, and when its model is deleted', async () => {
    await world.parts.predictions.forgetBefore(NOW_MS - 24 * MS_PER_HOUR);
    const oldest = await rows()
      .selectFrom('prediction_inputs')
      .select(query => query.fn.min('made_at').as('at'))
      .executeTakeFirstOrThrow();
    expect(Number(oldest.at)).toBe(NOW_MS - 24 * MS_PER_HOUR);
    await world.forecasting.forgetModel(ridge);
    for (const table of ['predictions', 'prediction_inputs', 'forecast_runs'] as const) {
      const left = await rows().selectFrom(table).select('model_id').distinct().execute();
      expect(left).toEqual([{ model_id: trees }]);
    }
  });
});
