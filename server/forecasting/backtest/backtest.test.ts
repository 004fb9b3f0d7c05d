import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../common/seeded-random.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import { readArchives } from '../../market/index.ts';
import type { PoolFacts, PoolPrices } from '../features/index.ts';
import { backtestPools, baselineForecaster, type Forecaster, isBaseline } from './index.ts';
import { runBacktest } from './run-backtest.ts';

const START_MS = Date.UTC(2026, 5, 1);
const unknown: PoolFacts = {
  vcpu: undefined,
  memoryMib: undefined,
  gpuCount: undefined,
  arch: undefined,
  onDemandMicroUsdPerHour: undefined,
  interruption: undefined,
};
const marketOf = (pools: readonly PoolPrices[]) => ({ pools, neighbours: [], factsOf: () => unknown });
const quiet = new AbortController().signal;

function poolOf(
  instanceType: string,
  records: readonly (readonly [hours: number, price: number])[],
): PoolPrices {
  return {
    pool: { region: 'eu-west-1', availabilityZone: 'eu-west-1a', instanceType, product: 'Linux/UNIX' },
    atMs: Float64Array.from(records, ([hours]) => START_MS + hours * MS_PER_HOUR),
    priceMicroUsdPerHour: Float64Array.from(records, ([, price]) => price),
  };
}

/** Thirty days of a pool, a record every six hours: it stays twice, then moves. */
function wandering(name: string, seed: number): PoolPrices {
  const random = seededRandom(seed);
  let price = 100_000;
  return poolOf(
    name,
    Array.from({ length: 120 }, (_, index) => {
      if (index % 3 === 2) price = Math.round(price * (0.95 + 0.1 * random()));
      return [index * 6, price] as const;
    }),
  );
}

async function backtest(
  forecaster: Forecaster,
  pools: readonly PoolPrices[],
  window: { fromMs?: number; toMs?: number; trainedUntilMs?: number; isEmbargoLifted?: boolean } = {},
) {
  const { fromMs, toMs, trainedUntilMs, isEmbargoLifted = false } = window;
  const plan = {
    forecaster,
    market: marketOf(pools),
    stepMs: MS_PER_HOUR,
    fromMs,
    toMs,
    trainedUntilMs,
    isEmbargoLifted,
  };
  return backtestPools({ ...plan, notes: [] }, quiet, () => undefined);
}

/** Knows a share of what will come; it looks ahead, which no honest forecaster can. */
const seer = (share: number): Forecaster => ({
  name: 'Seer',
  horizonMs: 24 * MS_PER_HOUR,
  features: [],
  levels: [],
  unknownFeatures: new Map(),
  forecast: async ({ pool, timesMs, places, priceNow }) => {
    const price = Float64Array.from(places, place => {
      const now = priceNow[place] ?? 0;
      const atMs = (timesMs[place] ?? 0) + 24 * MS_PER_HOUR;
      const record = pool.atMs.findLastIndex(at => at <= atMs);
      return now + share * ((pool.priceMicroUsdPerHour[record] ?? 0) - now);
    });
    return { price };
  },
});

describe('a backtest', () => {
  it('gives persistence the errors that are worked out by hand', async () => {
    // 0.10 for nine days, then 0.11: of the made-at times from day 7 on, those within the last 24 h before day 9 are wrong.
    const steps = Array.from({ length: 12 }, (_, day) => [day * 24, day < 9 ? 100_000 : 110_000] as const);
    const { report, pools: rows } = await backtest(baselineForecaster('persistence', MS_PER_DAY), [
      poolOf('m5.large', steps),
    ]);
    // Days 7 to 10, each whole hour of both ends: 73 times, of which 24 see a change of 0.01.
    expect(report).toMatchObject({
      points: 73,
      pools: 1,
      verdict: 'baseline',
      mase: 1,
      dieboldMariano: null,
    });
    expect(report.mae).toBeCloseTo((24 * 0.01) / 73, 12);
    expect(report.rmse).toBeCloseTo(Math.sqrt((24 * 0.0001) / 73), 12);
    expect(report.mape).toBeCloseTo((100 * 24 * (1 / 11)) / 73, 12);
    expect(report.changed).toEqual({
      points: 24,
      mae: expect.closeTo(0.01, 12),
      baselineMae: expect.closeTo(0.01, 12),
      direction: 0,
    });
    expect(report.moves).toMatchObject({ happened: 24, foretold: 0, precision: null, recall: 0 });
    expect(report.from).toBe('2026-06-08T00:00:00Z');
    expect(report.to).toBe('2026-06-11T00:00:00Z');
    expect(report.leftOut).toEqual({ pools: 0, unknownPrice: 7 * 24, noForecast: 0, unknownFeatures: [] });
    expect(rows).toEqual([
      expect.objectContaining({ pool: 'eu-west-1/eu-west-1a/m5.large/Linux/UNIX', points: 73 }),
    ]);
  });

  it('gives the other baselines theirs, on the same points', async () => {
    // Up by a tenth of a cent each day: drift is right each time, the week before is off by seven days, the last by one.
    const steps = Array.from({ length: 30 }, (_, day) => [day * 24, 100_000 + day * 1_000] as const);
    const { report } = await backtest(baselineForecaster('drift', MS_PER_DAY), [poolOf('m5.large', steps)]);
    const maeOf = (name: string) => report.baselines.find(each => each.name === name)?.mae;
    expect(maeOf('persistence')).toBeCloseTo(0.001, 12);
    expect(maeOf('seasonal')).toBeCloseTo(0.007, 12);
    expect(maeOf('drift')).toBeCloseTo(0, 12);
    expect(report).toMatchObject({ model: 'drift', mase: expect.closeTo(0, 9) });
    expect(report.sentence).toContain('drift is off by');
  });

  it('finds better what foresees half of each move, with the figures of that', async () => {
    const pools = Array.from({ length: 8 }, (_, index) => wandering(`m5.${index}xlarge`, index + 1));
    const { report, pools: rows } = await backtest(seer(0.5), pools);
    expect(report).toMatchObject({ verdict: 'better', mase: expect.closeTo(0.5, 9), pools: 8 });
    expect(report.dieboldMariano?.p).toBeLessThan(0.01);
    expect(report.changed.direction).toBe(1);
    expect(report.moves.precision).toBe(1);
    expect(report.moves.recall).toBeLessThan(1);
    expect(report.intervals.mase).toEqual({ lower: expect.closeTo(0.5, 9), upper: expect.closeTo(0.5, 9) });
    expect(report.intervals.mae?.lower).toBeLessThan(report.mae);
    expect(report.intervals.mae?.upper).toBeGreaterThan(report.mae);
    expect(rows).toHaveLength(8);
    const points = report.timeline.reduce((sum, stretch) => sum + stretch.points, 0);
    expect(points).toBe(report.points);
  });

  it('finds no better what turns each move around', async () => {
    const { report } = await backtest(seer(-0.5), [wandering('m5.large', 1), wandering('c5.large', 2)]);
    expect(report).toMatchObject({ verdict: 'no-better', changed: { direction: 0 } });
    expect(report.mase).toBeCloseTo(1.5, 9);
    expect(report.sentence).toMatch(/no gain, so persistence serves/);
  });

  it('counts no time before trained until and a horizon, unless told, and then says so', async () => {
    const pools = [wandering('m5.large', 3)];
    const trainedUntilMs = START_MS + 15 * MS_PER_DAY;
    const held = await backtest(seer(0.5), pools, { trainedUntilMs });
    expect(held.report.from).toBe('2026-06-17T00:00:00Z');
    expect(held.report.embargo).toEqual({
      trainedUntil: '2026-06-16T00:00:00Z',
      until: '2026-06-17T00:00:00Z',
      lifted: false,
      pointsBefore: 0,
    });
    const lifted = await backtest(seer(0.5), pools, { trainedUntilMs, isEmbargoLifted: true });
    // From the eighth day, a week of history, to the end of the embargo.
    expect(lifted.report.embargo).toMatchObject({ lifted: true, pointsBefore: 9 * 24 });
    await expect(backtest(seer(0.5), pools, { trainedUntilMs: START_MS + 29 * MS_PER_DAY })).rejects.toThrow(
      /trained until 2026-06-30T00:00:00Z, and the prices end 2026-06-30T18:00:00Z/,
    );
  });

  it('keeps to the window', async () => {
    const [fromMs, toMs] = [START_MS + 10 * MS_PER_DAY, START_MS + 12 * MS_PER_DAY];
    const { report } = await backtest(seer(0.5), [wandering('m5.large', 3)], { fromMs, toMs });
    expect([report.from, report.to]).toEqual(['2026-06-11T00:00:00Z', '2026-06-12T00:00:00Z']);
    await expect(
      backtest(seer(0.5), [wandering('m5.large', 3)], { fromMs, toMs: fromMs + MS_PER_HOUR }),
    ).rejects.toThrow(/do not hold a horizon of 24 h/);
  });

  it('guesses nothing where a pool is silent for more than 24.5 h', async () => {
    const steps = Array.from({ length: 20 }, (_, day) => [day * 24, 100_000] as const);
    const withHole = steps.filter(([hours]) => hours !== 12 * 24 && hours !== 13 * 24);
    const { report } = await backtest(baselineForecaster('persistence', MS_PER_DAY), [
      poolOf('m5.large', withHole),
    ]);
    const whole = await backtest(baselineForecaster('persistence', MS_PER_DAY), [poolOf('m5.large', steps)]);
    // Unknown for 47 hours; no point is made in them or a day before them, which overlap for 23; a week after is past the end.
    expect(whole.report.points - report.points).toBe(2 * 47 - 23);
  });

  it('leaves out what the model says nothing of, for all forecasters alike', async () => {
    const half: Forecaster = {
      ...seer(0.5),
      forecast: async question => {
        const { price } = await seer(0.5).forecast(question);
        return { price: price.map((value, index) => (index % 2 === 0 ? value : Number.NaN)) };
      },
    };
    const { report } = await backtest(half, [wandering('m5.large', 3)]);
    const whole = await backtest(seer(0.5), [wandering('m5.large', 3)]);
    expect(report.points + report.leftOut.noForecast).toBe(whole.report.points);
  });

  it('scores quantiles', async () => {
    const quantiles: Forecaster = {
      ...seer(0),
      levels: [0.1, 0.5, 0.9],
      forecast: async ({ places, priceNow }) => {
        const price = Float64Array.from(places, place => priceNow[place] ?? 0);
        return { price, quantiles: [0.9, 1, 1.1].map(factor => price.map(each => each * factor)) };
      },
    };
    const { report } = await backtest(quantiles, [wandering('m5.large', 3)]);
    expect(report.coverage).toBeGreaterThan(0.8);
    expect(report.quantiles?.nominalCoverage).toBeCloseTo(0.8, 12);
    // The median is persistence: half of its absolute error.
    expect(report.quantiles?.levels[1]?.pinball).toBeCloseTo(report.mae / 2, 12);
  });

  it('stops between pools', async () => {
    const controller = new AbortController();
    const pools = [wandering('m5.large', 1), wandering('c5.large', 2)];
    const timesMs = Float64Array.of(START_MS + 10 * MS_PER_DAY);
    const running = runBacktest(
      { forecaster: seer(0), market: marketOf(pools), timesMs },
      controller.signal,
      () => controller.abort(new Error('enough')),
    );
    await expect(running).rejects.toThrow('enough');
  });

  it('knows baselines by name', () => {
    expect([isBaseline('persistence'), isBaseline('model.onnx')]).toEqual([true, false]);
  });
});

const recording = join(
  import.meta.dirname,
  '../../../../shared/data/nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz',
);

describe.skipIf(!existsSync(recording))('persistence on 90 days of eu-west-1', { timeout: 300_000 }, () => {
  it('comes out at the figures that were measured independently', async () => {
    const wanted = (pool: { product: string }) => pool.product === 'Linux/UNIX';
    const { series } = await readArchives(
      [recording],
      { wanted, nowMs: Date.UTC(2026, 0, 1) },
      quiet,
      () => undefined,
    );
    const pools = series;
    expect(pools).toHaveLength(1_378);
    const mapes: Record<number, string> = {};
    for (const hours of [1, 6, 24, 168]) {
      const { report } = await backtest(baselineForecaster('persistence', hours * MS_PER_HOUR), pools);
      mapes[hours] = hours < 168 ? report.mape.toFixed(2) : report.mape.toFixed(1);
      if (hours === 24) expect(report.mapeOfPools.p90.toFixed(1)).toBe('1.3');
      // 27 pools have less than a week of records.
      expect(report.pools).toBe(1_351);
    }
    expect(mapes).toEqual({ 1: '0.02', 6: '0.13', 24: '0.43', 168: '2.1' });
  });
});
