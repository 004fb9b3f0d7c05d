import { describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../../common/units/index.ts';
import { featureTable, type PoolFacts, type PoolPrices } from '../features/index.ts';
import { modelForecaster } from './model-forecaster.ts';
import { runBacktest } from './run-backtest.ts';

const START_MS = Date.UTC(2026, 5, 1);
const facts: PoolFacts = {
  vcpu: 2,
  memoryMib: 8_192,
  gpuCount: 0,
  arch: 'amd64',
  onDemandMicroUsdPerHour: undefined,
  interruption: undefined,
};
const quiet = new AbortController().signal;

/** Twenty days of a zone: still for the first two weeks, then up a little each day. */
function zone(letter: string, base: number): PoolPrices {
  const days = Array.from({ length: 21 }, (_, day) => day);
  return {
    pool: {
      region: 'eu-west-1',
      availabilityZone: `eu-west-1${letter}`,
      instanceType: 'm5.large',
      product: 'Linux/UNIX',
    },
    atMs: Float64Array.from(days, day => START_MS + day * 24 * MS_PER_HOUR),
    priceMicroUsdPerHour: Float64Array.from(days, day => base + Math.max(0, day - 14) * 500),
  };
}
const pools = [zone('a', 40_000), zone('b', 50_000)];
const market = { pools, neighbours: [zone('c', 45_000)], factsOf: () => facts };
const timesMs = Float64Array.from({ length: 24 * 12 }, (_, hour) => START_MS + (24 * 7 + hour) * MS_PER_HOUR);

function manifestOf(
  names: readonly string[],
  target: ModelManifest['target'] = 'price-usd-per-hour',
): ModelManifest {
  return {
    name: 'Made',
    version: '1',
    task: 'spot-price',
    trainedUntil: '2026-01-01T00:00:00Z',
    features: names.map(name => ({ name })),
    target,
    horizonHours: 24,
    resolutionMinutes: 60,
    scope: { regions: ['eu-west-1'], instanceTypes: [], products: ['Linux/UNIX'] },
    golden: [],
  };
}

describe('modelForecaster', () => {
  it('gives the model the very rows that live predictions are made from, neighbours included, each once', async () => {
    const names = ['last_price_usd', 'return_24h', 'hour_of_day_sin', 'price_to_median_zone'];
    const seen: string[] = [];
    const runner = {
      run: async (rows: Float64Array, columns: number) => {
        for (let row = 0; row < rows.length / columns; row++)
          seen.push(rows.subarray(row * columns, (row + 1) * columns).join(' '));
        return [Float64Array.from({ length: rows.length / columns }, (_, row) => rows[row * columns] ?? 0)];
      },
    };
    const forecaster = modelForecaster(manifestOf(names), runner);
    const tally = await runBacktest({ forecaster, market, timesMs }, quiet, () => undefined);
    const live = [...featureTable(names, market, timesMs)].map(({ values }) =>
      Array.from({ length: timesMs.length }, (_, row) => values.subarray(row * 4, row * 4 + 4).join(' ')),
    );
    expect(new Set(seen)).toEqual(new Set(live.flat()));
    // Still days repeat each hour of the day: far fewer rows than points.
    expect(seen.length).toBeLessThan(tally.totals.model.points / 1.5);
    expect(new Set(seen).size).toBe(seen.length);
    // A model that says the last price is persistence to the bit.
    expect(tally.totals.model.mae).toBe(tally.totals.persistence.mae);
    expect(tally.noForecast).toBe(0);
  });

  it('says nothing where a feature is unknown, and which one it was', async () => {
    const runner = { run: async (rows: Float64Array) => [rows.slice()] };
    const forecaster = modelForecaster(manifestOf(['price_to_on_demand']), runner);
    const tally = await runBacktest({ forecaster, market, timesMs }, quiet, () => undefined);
    expect(tally.totals.model.points).toBe(0);
    expect([...forecaster.unknownFeatures]).toEqual([['price_to_on_demand', tally.noForecast]]);
  });

  it.each([
    [
      'columns of one output',
      (count: number) => [Float64Array.from({ length: 3 * count }, (_, at) => ((at % 3) - 1) / 100)],
    ],
    ['an output each', (count: number) => [-0.01, 0, 0.01].map(value => new Float64Array(count).fill(value))],
  ])('takes quantiles as %s, the middle one for the price', async (_, outputs) => {
    const runner = { run: async (rows: Float64Array) => outputs(rows.length) };
    const forecaster = modelForecaster(manifestOf(['last_price_usd'], 'log-return'), runner, [0.1, 0.5, 0.9]);
    const tally = await runBacktest({ forecaster, market, timesMs }, quiet, () => undefined);
    expect(tally.totals.model.mae).toBe(tally.totals.persistence.mae);
    // A hundredth of the logarithm to either side of some $0.045, in micro-USD.
    expect((tally.quantiles?.coverage.width ?? 0) / 1_000).toBeCloseTo(0.9, 1);
  });

  it('takes from the manifest what each output is, and sorts quantiles that cross', async () => {
    const runner = {
      run: async (rows: Float64Array) =>
        [0.01, 0, Number.NaN, -0.01].map(value => new Float64Array(rows.length).fill(value)),
    };
    const outputs = [
      { name: 'p10', quantile: 0.1 },
      { name: 'price' },
      { name: 'other', unused: true as const },
      { name: 'p90', quantile: 0.9 },
    ];
    const forecaster = modelForecaster({ ...manifestOf(['last_price_usd'], 'log-return'), outputs }, runner);
    expect(forecaster.levels).toEqual([0.1, 0.9]);
    const tally = await runBacktest({ forecaster, market, timesMs }, quiet, () => undefined);
    expect(tally.totals.model.mae).toBe(tally.totals.persistence.mae);
    expect((tally.quantiles?.coverage.width ?? 0) / 1_000).toBeCloseTo(0.9, 1);
  });

  it('refuses a model that gives fewer quantiles than it should', async () => {
    const runner = { run: async (rows: Float64Array) => [new Float64Array(rows.length)] };
    const forecaster = modelForecaster(manifestOf(['last_price_usd'], 'log-return'), runner, [0.1, 0.9]);
    await expect(runBacktest({ forecaster, market, timesMs }, quiet, () => undefined)).rejects.toThrow(
      /gives 1 values for a row, but 2 quantiles are asked of it/,
    );
  });
});
