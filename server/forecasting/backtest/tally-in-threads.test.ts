import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../common/seeded-random.ts';
import { MS_PER_HOUR, type Pool } from '../../../common/units/index.ts';
import { type OpenModelFile, openModelFile } from '../../models/index.ts';
import { createLog } from '../../platform/index.ts';
import { featureCatalog, type PoolFacts, type PoolPrices } from '../features/index.ts';
import type { Forecaster } from './forecaster.ts';
import { modelForecaster, type RowRunner } from './model-forecaster.ts';
import { type BacktestTally, runBacktest } from './run-backtest.ts';

const START_MS = Date.UTC(2026, 5, 1);
const model = join(import.meta.dirname, '../../../resources/models/spot-price-gbt.onnx');
const quiet = new AbortController().signal;
const facts: PoolFacts = {
  vcpu: 2,
  memoryMib: 8_192,
  gpuCount: 0,
  arch: 'amd64',
  onDemandMicroUsdPerHour: 200_000,
  interruption: undefined,
};

let opened: OpenModelFile;
beforeAll(async () => {
  opened = await openModelFile(model, {
    features: featureCatalog,
    children: { nodePath: process.execPath },
    log: createLog('silent'),
    nowMs: Date.now(),
    processes: 1,
    fallback: {},
  });
});
afterAll(() => opened.close());

/** Forty days of families of two sizes in two zones, of which the last has no list price: a feature that the model needs. */
const pools: PoolPrices[] = ['m5', 'c5', 'r5', 'm6g', 'c6g'].flatMap((family, place) =>
  ['large', 'xlarge'].flatMap(size =>
    ['a', 'b'].map(zone => {
      const random = seededRandom(place * 10 + size.length + zone.charCodeAt(0));
      let price = 50_000 + Math.floor(random() * 50_000);
      const hours = Array.from({ length: 160 }, (_, index) => index * 6);
      return {
        pool: {
          region: 'eu-west-1',
          availabilityZone: `eu-west-1${zone}`,
          instanceType: `${family}.${size}`,
          product: 'Linux/UNIX',
        },
        atMs: Float64Array.from(hours, hour => START_MS + hour * MS_PER_HOUR),
        priceMicroUsdPerHour: Float64Array.from(hours, () => {
          if (random() < 0.3) price = Math.round(price * (0.95 + 0.1 * random()));
          return price;
        }),
      };
    }),
  ),
);
const market = {
  pools,
  neighbours: [],
  factsOf: ({ instanceType }: Pool): PoolFacts =>
    instanceType.startsWith('c6g') ? { ...facts, onDemandMicroUsdPerHour: undefined } : facts,
};
// Every eight minutes: enough that threads are worth it.
const timesMs = Float64Array.from(
  { length: 5_200 },
  (_, index) => START_MS + 200 * MS_PER_HOUR + index * 480_000,
);

function test(runner: RowRunner, signal = quiet, tell: (pools: number) => void = () => undefined) {
  const forecaster = modelForecaster(opened.manifest, runner);
  return { forecaster, tally: runBacktest({ forecaster, market, timesMs }, signal, tell) };
}

const here = (): RowRunner => ({ run: (rows, columns) => opened.run(rows, columns) });
/** Rows that come this way were not walked in a thread. */
const threads = (): RowRunner => ({
  run: async () => Promise.reject(new Error('here')),
  trees: opened.trees,
});

describe('a backtest in threads', () => {
  it('finds what one without them finds, to the bit', async () => {
    const [alone, together] = [test(here()), test(threads())];
    const plain = ({ pools: each, ...rest }: BacktestTally) => ({
      ...structuredClone(rest),
      pools: each.map(({ pool, tally }) => ({ pool, sums: [...tally.sums] })),
    });
    const found = await together.tally;
    expect(found.totals.model.points).toBeGreaterThan(50_000);
    expect(found.noForecast).toBeGreaterThan(100);
    expect(plain(found)).toEqual(plain(await alone.tally));
    const unknown = (forecaster: Forecaster) => new Map([...forecaster.unknownFeatures].sort());
    expect(unknown(together.forecaster)).toEqual(unknown(alone.forecaster));
    expect(unknown(together.forecaster).size).toBeGreaterThan(0);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const heard: number[] = [];
    const { tally } = test(threads(), controller.signal, done => {
      heard.push(done);
      controller.abort(new Error('enough'));
    });
    await expect(tally).rejects.toThrow('enough');
    expect(heard).toHaveLength(1);
  });

  it('fails with the sentence of a model whose trees lead nowhere', async () => {
    const { trees } = opened;
    if (!trees) throw new Error('the sample is not walked');
    const astray = trees.steps.map(step => (step.kind === 'trees' ? { ...step, leaves: 2 ** 30 } : step));
    const { tally } = test({ ...threads(), trees: { ...trees, steps: astray } });
    await expect(tally).rejects.toMatchObject({
      code: 'model.faulty',
      message: expect.stringMatching(/^The model ".+" could not answer: .*memory access out of bounds/),
    });
  });
});
