import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForecastSummary } from '../../common/contracts/index.ts';
import { experimentOrder } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import type { ForecastTables } from './forecast-tables.ts';
import { NOW_MS, openForecastingWorld, poolOf, pools } from './forecasting-world.fixture.ts';
import type { Forecasting } from './index.ts';

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
let forecasting: Forecasting;
let modelId: string;
const shop = { clusterId: 'shop' };

beforeAll(async () => {
  world = await openForecastingWorld();
  ({ forecasting } = world);
  modelId = await world.register('spot-price-ridge');
});
afterAll(() => world.close());

describe('forecasting', () => {
  it('runs for a model that is ready as soon as it is there, and judges it on the last days', async () => {
    const summary = await forecasting.summary(modelId);
    expect(summary).toMatchObject({ state: 'ready', pools: 6, serving: 'model', message: null });
    // Seven days and the horizon of one, every three hours, and now: 64 + 1 times of 6 pools.
    expect(summary.predictions).toBe(65 * 6);
    expect(summary.evaluation?.points).toBe(57 * 6);
    expect(summary.evaluation?.mase).toBeLessThan(1);
  });

  it('is persistence until a model is champion, and says whose forecast it is', async () => {
    const [before = new Map()] = await forecasting.forecastFor(pools, [shop]);
    expect([...before.values()].map(forecast => forecast.by)).toEqual(Array(6).fill('persistence'));
    await world.models.activate(modelId, 'ann');
    const [after = new Map()] = await forecasting.forecastFor(
      [...pools, poolOf('us-east-1a', 'm7.large')],
      [shop],
    );
    expect(after.size).toBe(6);
    for (const forecast of after.values()) {
      expect(forecast).toMatchObject({ by: 'Spot price, ridge 1.0.0', horizonHours: 24 });
      expect(forecast.predictedMicroUsdPerHour).not.toBe(forecast.priceMicroUsdPerHour);
    }
  });

  it('asks each model once for the workloads that an A/B gave it', async () => {
    const challengerId = await world.register('spot-price-gbt');
    expect((await forecasting.summary(challengerId)).serving).toBe('model');
    const order = experimentOrder.parse({ challengerId, mode: 'ab', unit: 'workload', challengerShare: 0.5 });
    const { id } = await world.models.startExperiment(order, 'ann');
    const workloads = Array.from({ length: 20 }, (_, index) => ({
      ...shop,
      workload: `Deployment/shop/${index}`,
    }));
    const [ofCluster, ...ofWorkloads] = await forecasting.forecastFor(pools, [shop, ...workloads]);
    const names = (answer: typeof ofCluster) => [...new Set([...(answer ?? [])].map(([, { by }]) => by))];
    expect(names(ofCluster)).toEqual(['Spot price, ridge 1.0.0']);
    expect(new Set(ofWorkloads.flatMap(names)).size).toBe(2);
    expect(new Set([ofCluster, ...ofWorkloads]).size).toBe(2);
    for (const [index, subject] of workloads.entries()) {
      const { modelId: served } = await world.models.activeFor('spot-price', subject);
      expect(names(ofWorkloads[index])).toEqual([
        `${(await world.models.get(served ?? '')).manifest.name} 1.0.0`,
      ]);
    }
    await world.models.endExperiment(id, { outcome: 'stopped', endedBy: 'ann', endReason: null });
    expect(new Set(await forecasting.forecastFor(pools, [shop, ...workloads])).size).toBe(1);
  });

  it('draws kept predictions against what happened, and nothing beside what lies ahead', async () => {
    const [pool] = pools;
    const key = pool ? poolKey(pool) : '';
    const { predictions } = await forecasting.series(modelId, key, NOW_MS - MS_PER_DAY, NOW_MS + MS_PER_DAY);
    expect(predictions.length).toBe(17);
    for (const { forMs, actualMicroUsdPerHour } of predictions) {
      expect(actualMicroUsdPerHour === null).toBe(forMs > NOW_MS);
    }
  });

  it('predicts the same live as in the kept forecast of now', async () => {
    const { predictions } = await forecasting.predict(modelId, undefined);
    const [first] = predictions;
    const kept = await forecasting.series(
      modelId,
      first?.pool ?? '',
      NOW_MS + MS_PER_DAY,
      NOW_MS + MS_PER_DAY,
    );
    expect(kept.predictions).toEqual([{ ...first, seasonalMicroUsdPerHour: expect.any(Number) }]);
  });

  it('tells on its topic when prices came that predictions were waiting for', async () => {
    const comparedUntil = Promise.withResolvers<number | null>();
    const watcher = world.live.connect(async batch => {
      for (const { value } of batch.flatMap(delta => delta.changes)) {
        const { state, comparedUntilMs } = value as ForecastSummary;
        if (state === 'ready' && comparedUntilMs !== NOW_MS) comparedUntil.resolve(comparedUntilMs);
      }
    });
    const topic = `forecasts/${modelId}`;
    const answer = await world.live.subscribe(watcher, { topic });
    expect(answer).toMatchObject({ snapshot: { values: [{ value: { comparedUntilMs: NOW_MS } }] } });
    world.time.nowMs = NOW_MS + 6 * MS_PER_HOUR;
    // Prices come again and again: a forecast that began before these may still be under way.
    world.fill();
    const filling = setInterval(() => world.fill(), 2_000);
    expect(await comparedUntil.promise).toBe(NOW_MS + 6 * MS_PER_HOUR);
    clearInterval(filling);
    watcher.close();
    await world.database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('predictions').where('made_at', '>', NOW_MS).execute();
    });
    world.time.nowMs = NOW_MS;
  });

  it('knows the risk of a pool from the advisor, or not at all', async () => {
    const known = poolOf('us-east-1a', 'm5.large');
    const risks = await forecasting.interruptionRisks([known, poolOf('us-east-1a', 'm9.large')]);
    expect([...risks.keys()]).toEqual([poolKey(known)]);
    expect(risks.get(poolKey(known))).toMatchObject({ maxPercentPerMonth: 22, source: 'advisor' });
  });

  it('names the row of raw input that has the wrong length', async () => {
    await expect(forecasting.predictRaw(modelId, [Array(12).fill(0), [1, 2]])).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('rows[1] has 2 values'),
    });
    expect(await forecasting.predictRaw(modelId, [Array(12).fill(0)])).toEqual([[0]]);
  });

  it('knows nothing of a raw row that lacks a value which the model needs', async () => {
    const rows = [Array(12).fill(0), [null, ...Array(11).fill(0)]];
    expect(await forecasting.predictRaw(modelId, rows)).toEqual([[0], [null]]);
  });

  it('predicts an hour later what is missing alone: one more time of each pool', async () => {
    const before = await world.parts.predictions.madeAtTimes(modelId, 0);
    world.time.nowMs = NOW_MS + MS_PER_HOUR + 1_000;
    await world.run(modelId);
    world.time.nowMs = NOW_MS;
    const after = await world.parts.predictions.madeAtTimes(modelId, 0);
    for (const [pool, times] of after) {
      expect([...times].filter(at => !before.get(pool)?.has(at))).toEqual([NOW_MS + MS_PER_HOUR]);
    }
    const [pool] = pools;
    const kept = await world.parts.predictions.one(modelId, pool ? poolKey(pool) : '', NOW_MS);
    expect(kept?.inputs?.output).toHaveLength(6);
  });
});
