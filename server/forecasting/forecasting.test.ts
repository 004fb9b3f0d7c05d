import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR, type Pool, poolKey } from '../../common/units/index.ts';
import { createModels, type Models, modelMigrations } from '../models/index.ts';
import {
  auditMigrations,
  type Database,
  JobQueue,
  jobMigrations,
  LiveHub,
  openSqlite,
} from '../platform/index.ts';
import type { MarketOfForecasts } from './forecast-parts.ts';
import { createForecasting, type Forecasting, featureCatalog, forecastMigrations } from './index.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const START_MS = NOW_MS - 40 * MS_PER_DAY;
const zones = ['us-east-1a', 'us-east-1b'];
const poolOf = (zone: string, instanceType: string, region = 'us-east-1'): Pool => ({
  region,
  availabilityZone: zone,
  instanceType,
  product: 'Linux/UNIX',
});
const pools = zones.flatMap(zone => ['m5.large', 'c5.large', 'r5.large'].map(type => poolOf(zone, type)));

/** A price that climbs and falls in steps of one direction over days, as trends that a model can follow. */
function seriesOf(pool: Pool, fromMs: number, toMs: number) {
  const phase = pools.findIndex(known => poolKey(known) === poolKey(pool));
  const atMs: number[] = [];
  const prices: number[] = [];
  for (let at = START_MS; at < toMs; at += 6 * MS_PER_HOUR) {
    const turn = (2 * Math.PI * (at - START_MS)) / (9 * MS_PER_DAY) + phase;
    atMs.push(at);
    prices.push(Math.round((100_000 + 20_000 * Math.sin(turn)) / 100) * 100);
  }
  const first = Math.max(
    0,
    atMs.findLastIndex(at => at <= fromMs),
  );
  return {
    pool,
    atMs: Float64Array.from(atMs.slice(first)),
    priceMicroUsdPerHour: Float64Array.from(prices.slice(first)),
  };
}

const type = { onDemandMicroUsdPerHour: 200_000, vcpu: 2, memoryMib: 8_192 };
const market = {
  catalog: {
    typeOf: () => type,
    onDemandMicroUsdPerHour: () => type.onDemandMicroUsdPerHour,
    interruptionMaxPercent: (_: string, name: string) => (name === 'm5.large' ? 22 : undefined),
    riskProvenance: { source: 'Spot Instance Advisor', asOf: 1 },
  },
  prices: {
    pools: async () => pools,
    series: async (asked: readonly Pool[], fromMs: number, toMs: number) =>
      asked
        .filter(pool => pools.some(known => poolKey(known) === poolKey(pool)))
        .map(pool => seriesOf(pool, fromMs, toMs)),
  },
  history: async () => ({ points: [], holes: [] }),
  onFilled: () => undefined,
} as unknown as MarketOfForecasts;

let folder: string;
let database: Database;
let models: Models;
let jobs: JobQueue;
let forecasting: Forecasting;
let modelId: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-forecasting-'));
  database = await openSqlite(folder, {
    ...auditMigrations,
    ...jobMigrations,
    ...modelMigrations,
    ...forecastMigrations,
  });
  const base = {
    database,
    live: new LiveHub(),
    clock: { now: () => NOW_MS },
    log: pino({ level: 'silent' }),
  };
  jobs = new JobQueue(database, base.clock, base.log);
  models = await createModels({
    ...base,
    folder: join(folder, 'models'),
    limits: { maxBytes: 2 ** 30, quotaBytes: 2 ** 31 },
    coveredShare: async () => 1,
    features: featureCatalog,
    nodePath: process.execPath,
  });
  await models.start();
  forecasting = await createForecasting({ ...base, jobs, market, models });
  await forecasting.start();
  await jobs.start();
  const file = join(import.meta.dirname, '../../resources/models/spot-price-ridge.onnx');
  modelId = (await models.register(file, 'ridge.onnx')).id;
});
afterAll(async () => {
  await jobs.stop();
  await forecasting.stop();
  await models.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

async function finished() {
  for (;;) {
    const summary = await forecasting.summary(modelId);
    if (summary.state !== 'running' && summary.state !== 'none') return summary;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

describe('forecasting', () => {
  it('runs for a model that is ready as soon as it is there, and judges it on the last days', async () => {
    const summary = await finished();
    expect(summary).toMatchObject({ state: 'ready', pools: 6, serving: 'model', message: null });
    // Seven days and the horizon of one, every three hours, and now: 64 + 1 times of 6 pools.
    expect(summary.predictions).toBe(65 * 6);
    expect(summary.evaluation?.points).toBe(57 * 6);
    expect(summary.evaluation?.mase).toBeLessThan(1);
  });

  it('is persistence until a model is champion, and says whose forecast it is', async () => {
    await finished();
    const before = await forecasting.forecastFor(pools);
    expect([...before.values()].map(forecast => forecast.by)).toEqual(Array(6).fill('persistence'));
    await models.activate(modelId, 'ann');
    const after = await forecasting.forecastFor([...pools, poolOf('us-east-1a', 'm7.large')]);
    expect(after.size).toBe(6);
    for (const forecast of after.values()) {
      expect(forecast).toMatchObject({ by: 'Spot price, ridge', horizonHours: 24 });
      expect(forecast.predictedMicroUsdPerHour).not.toBe(forecast.priceMicroUsdPerHour);
    }
  });

  it('draws kept predictions against what happened, and nothing beside what lies ahead', async () => {
    await finished();
    const [pool] = pools;
    const key = pool ? poolKey(pool) : '';
    const { predictions } = await forecasting.series(modelId, key, NOW_MS - MS_PER_DAY, NOW_MS + MS_PER_DAY);
    expect(predictions.length).toBe(17);
    for (const { forMs, actualMicroUsdPerHour } of predictions) {
      expect(actualMicroUsdPerHour === null).toBe(forMs > NOW_MS);
    }
  });

  it('predicts the same live as in the kept forecast of now', async () => {
    await finished();
    const { predictions } = await forecasting.predict(modelId, undefined);
    const [first] = predictions;
    const kept = await forecasting.series(
      modelId,
      first?.pool ?? '',
      NOW_MS + MS_PER_DAY,
      NOW_MS + MS_PER_DAY,
    );
    expect(kept.predictions).toEqual([first]);
  });

  it('knows the risk of a pool from the advisor, or not at all', () => {
    expect(forecasting.interruptionRisk(poolOf('us-east-1a', 'm5.large'))?.maxPercentPerMonth).toBe(22);
    expect(forecasting.interruptionRisk(poolOf('us-east-1a', 'm9.large'))).toBeUndefined();
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
});
