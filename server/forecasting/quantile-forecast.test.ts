import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import { linearModel } from '../../tests/support/linear-model.ts';
import type { ForecastTables } from './forecast-tables.ts';
import { NOW_MS, openForecastingWorld, pools } from './forecasting-world.fixture.ts';

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
let modelId: string;
const keys = pools.map(poolKey);
const [pool = ''] = keys;

/** The median goes on as the last day did, and so leaves a band of 4 % to either side about half of the time. */
const bands = linearModel([
  { name: 'p90', weights: [0], bias: 0.04 },
  { name: 'p50', weights: [1] },
  { name: 'p10', weights: [0], bias: -0.04 },
]);
const outputs = [
  { name: 'p90', quantile: 0.9 },
  { name: 'p50', quantile: 0.5 },
  { name: 'p10', quantile: 0.1 },
];
const features = [{ name: 'return_24h' }];

beforeAll(async () => {
  world = await openForecastingWorld();
  modelId = await world.registerFile(bands, { name: 'Bands', features, outputs });
});
afterAll(() => world.close());

const seriesOf = (key: string) =>
  world.forecasting.series(modelId, key, NOW_MS - 8 * MS_PER_DAY, NOW_MS + MS_PER_DAY);

describe('a model that gives quantiles', () => {
  it('predicts a band that is in order, also where its own is not, and the point is the median', async () => {
    let crossed = 0;
    let predictions = 0;
    for (const key of keys) {
      const { predictions: made } = await seriesOf(key);
      for (const { madeAt, priceMicroUsdPerHour, persistenceMicroUsdPerHour, quantiles } of made) {
        const { keptOutputs } = await world.forecasting.recompute(modelId, key, madeAt);
        const given = keptOutputs.map(output =>
          Math.round(persistenceMicroUsdPerHour * Math.exp(output ?? 0)),
        );
        expect(quantiles).toEqual(
          given
            .toSorted((a, b) => a - b)
            .map((price, at) => ({ q: [0.1, 0.5, 0.9][at], priceMicroUsdPerHour: price })),
        );
        expect(priceMicroUsdPerHour).toBe(quantiles[1]?.priceMicroUsdPerHour);
        predictions++;
        if (given[1] !== quantiles[1]?.priceMicroUsdPerHour) crossed++;
      }
    }
    // Both kinds are there, or nothing was shown.
    expect(crossed).toBeGreaterThan(20);
    expect(crossed).toBeLessThan(predictions - 20);
  });

  it('is held against past changes of the same pools: pinball loss, coverage and crossings as counted by hand', async () => {
    const { evaluation } = await world.forecasting.summary(modelId);
    const points = [];
    for (const key of keys) {
      for (const made of (await seriesOf(key)).predictions) {
        const actual = made.actualMicroUsdPerHour;
        if (actual !== null) points.push({ ...made, actual });
      }
    }
    let pinball = 0;
    let within = 0;
    for (const { actual, quantiles } of points) {
      const [low = 0, , high = 0] = quantiles.map(quantile => quantile.priceMicroUsdPerHour);
      if (low <= actual && actual <= high) within++;
      for (const { q, priceMicroUsdPerHour: price } of quantiles) {
        pinball += (actual > price ? q * (actual - price) : (1 - q) * (price - actual)) / 3;
      }
    }
    expect(evaluation?.band).toMatchObject({
      points: points.length,
      levels: [0.1, 0.5, 0.9],
      nominalCoverage: 0.8,
    });
    expect(evaluation?.band?.pinballUsd).toBeCloseTo(pinball / points.length / 1e6, 12);
    expect(evaluation?.band?.coverage).toBeCloseTo(within / points.length, 12);
    expect(evaluation?.band?.baselineCoverage).toBeGreaterThan(0.5);
    expect(evaluation?.band?.sentence).toContain('of past changes of the same pools');
  });

  it('is recomputed to the bit with all its outputs, and is found out when a quantile was changed', async () => {
    for (const key of keys) {
      for (const hours of [0, 3, 60, 180]) {
        const again = await world.forecasting.recompute(modelId, key, NOW_MS - hours * MS_PER_HOUR);
        expect(again).toMatchObject({ verdict: 'equal', recomputedOutputs: again.keptOutputs });
        expect(again.recomputedQuantiles).toEqual(again.keptQuantiles);
        expect(again.dataHash).toMatch(/^[0-9a-f]{64}$/);
        expect(api.forecasts.recomputePrediction.response.parse(JSON.parse(JSON.stringify(again)))).toEqual(
          again,
        );
      }
    }
    await world.database.write<ForecastTables, void>(async transaction => {
      await transaction
        .updateTable('predictions')
        .set({ quantiles: '0.1:-5000 0.5:0 0.9:5000' })
        .where('made_at', '=', NOW_MS - 3 * MS_PER_HOUR)
        .execute();
    });
    const other = await world.forecasting.recompute(modelId, pool, NOW_MS - 3 * MS_PER_HOUR);
    expect(other).toMatchObject({ verdict: 'different', sentence: expect.stringContaining('(quantiles ') });
  });

  it('tells the band in answers of now, with what they follow from', async () => {
    const { hashes, predictions } = await world.forecasting.predict(modelId, [pool]);
    const model = await world.models.get(modelId);
    expect(predictions[0]?.quantiles.map(({ q }) => q)).toEqual([0.1, 0.5, 0.9]);
    expect(predictions[0]).not.toHaveProperty('isCrossed');
    expect(hashes).toEqual({
      model: model.sha256,
      features: expect.stringMatching(/^[0-9a-f]{16}$/),
      data: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const nothing = await world.forecasting.predict(modelId, ['us-east-1/us-east-1z/m5.large/Linux/UNIX']);
    expect(nothing).toMatchObject({ predictions: [], hashes: { data: null } });
  });

  it('shows the last prediction of each pool with both errors so far', async () => {
    const lines = await world.forecasting.forecastLines(modelId);
    expect(lines.map(line => line.pool)).toEqual(keys.toSorted());
    const { evaluation } = await world.forecasting.summary(modelId);
    const mean = (of: (line: (typeof lines)[number]) => number) =>
      lines.reduce((sum, line) => sum + of(line), 0) / lines.length;
    expect(mean(line => line.maeUsd ?? Number.NaN)).toBeCloseTo(evaluation?.maeUsd ?? 0, 12);
    expect(mean(line => line.persistenceMaeUsd ?? Number.NaN)).toBeCloseTo(
      evaluation?.baselineMaeUsd ?? 0,
      12,
    );
    for (const line of lines)
      expect(line).toMatchObject({ madeAt: NOW_MS, forMs: NOW_MS + MS_PER_DAY, points: 57 });
  });

  it('comes with the samples as a file of Python that says all of itself', async () => {
    const file = join(import.meta.dirname, '../../resources/models/spot-price-quantiles.joblib');
    const { id, format, manifest } = await world.models.register(file, 'spot-price-quantiles.joblib');
    expect({ format, outputs: manifest.outputs, golden: manifest.golden.length }).toEqual({
      format: 'joblib',
      outputs: [0.1, 0.5, 0.9].map(quantile => ({ name: `p${quantile * 100}`, quantile })),
      golden: 16,
    });
    const { predictions } = await world.forecasting.predict(id, undefined);
    expect(predictions).toHaveLength(6);
    await world.run(id);
    const { verdict } = await world.forecasting.recompute(id, pool, NOW_MS);
    expect(verdict).toBe('equal');
  });

  it('may give the price itself beside its band, which then is the point', async () => {
    const bytes = linearModel([
      { name: 'p10', weights: [0], bias: -0.1 },
      { name: 'mean', weights: [0], bias: 0.02 },
      { name: 'p90', weights: [0], bias: 0.1 },
      { name: 'spread', weights: [0], bias: Number.NaN },
    ]);
    const id = await world.registerFile(bytes, {
      name: 'Mean',
      features,
      outputs: [
        { name: 'p10', quantile: 0.1 },
        { name: 'mean' },
        { name: 'p90', quantile: 0.9 },
        { name: 'spread', unused: true },
      ],
    });
    const { predictions } = await world.forecasting.predict(id, [pool]);
    const [{ priceMicroUsdPerHour = 0, persistenceMicroUsdPerHour: now = 0, quantiles = [] } = {}] =
      predictions;
    expect(priceMicroUsdPerHour).toBe(Math.round(now * Math.exp(0.02)));
    expect(quantiles.map(({ q }) => q)).toEqual([0.1, 0.9]);
    expect(await world.forecasting.recompute(id, pool, NOW_MS)).toMatchObject({ verdict: 'equal' });
  });
});
