import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { ModelManifest } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, type Pool, poolKey } from '../../common/units/index.ts';
import { createModels, modelMigrations } from '../models/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import { auditMigrations, JobQueue, jobMigrations, LiveHub } from '../platform/index.ts';
import { BlockStore } from './block-store.ts';
import type { ForecastParts, MarketOfForecasts } from './forecast-parts.ts';
import { createForecasting, featureCatalog, forecastMigrations } from './index.ts';
import { LivePredictionStore } from './live-prediction-store.ts';
import { PredictionStore } from './prediction-store.ts';
import { RiskStore } from './risk-store.ts';
import { RunStore } from './run-store.ts';
import { SpotNodeStore } from './spot-node-store.ts';

/** Now, where a test does not say another time. */
export const NOW_MS = Date.UTC(2026, 10, 23, 12);
const START_MS = NOW_MS - 40 * MS_PER_DAY;
const zones = ['us-east-1a', 'us-east-1b'];

/** A pool of Linux in us-east-1, unless another region is named. */
export function poolOf(zone: string, instanceType: string, region = 'us-east-1'): Pool {
  return { region, availabilityZone: zone, instanceType, product: 'Linux/UNIX' };
}

/** The pools that have prices. */
export const pools = zones.flatMap(zone =>
  ['m5.large', 'c5.large', 'r5.large'].map(type => poolOf(zone, type)),
);

/** Micro-USD per hour of a pool by its place in `pools`, from `atMs` on. */
type PriceFormula = (place: number, atMs: number) => number;

/** A price that climbs and falls in steps of one direction over days, as trends that a model can follow. */
const trend: PriceFormula = (place, atMs) =>
  100_000 + 20_000 * Math.sin((2 * Math.PI * (atMs - START_MS)) / (9 * MS_PER_DAY) + place);

function seriesOf(pool: Pool, priceOf: PriceFormula, fromMs: number, toMs: number) {
  const place = pools.findIndex(known => poolKey(known) === poolKey(pool));
  const atMs: number[] = [];
  const prices: number[] = [];
  for (let at = START_MS; at < toMs; at += 6 * MS_PER_HOUR) {
    atMs.push(at);
    prices.push(Math.round(priceOf(place, at) / 100) * 100);
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

/** What files that tests make say of themselves, unless told. */
const madeManifest = {
  name: 'Made',
  version: '1.0.0',
  task: 'spot-price',
  trainedUntil: '2026-10-01T00:00:00Z',
  target: 'log-return',
  horizonHours: 24,
  scope: { regions: ['us-east-1'] },
};

const type = { onDemandMicroUsdPerHour: 200_000, vcpu: 2, memoryMib: 8_192 };
const marketOf = (priceOf: PriceFormula, filled: Set<() => void>) =>
  ({
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
          .map(pool => seriesOf(pool, priceOf, fromMs, toMs)),
    },
    coverage: {
      all: async () => [{ region: 'us-east-1', product: 'Linux/UNIX', pools: pools.length, intervals: [] }],
    },
    history: async () => ({ points: [], holes: [] }),
    onFilled: (listener: () => void) => filled.add(listener),
  }) as unknown as MarketOfForecasts;

/**
 * The room on a real database with the real registry and its child processes, prices of a formula, and a clock that the test
 * turns.
 */
export async function openForecastingWorld(priceOf: PriceFormula = trend) {
  const filled = new Set<() => void>();
  const market = marketOf(priceOf, filled);
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-forecasting-'));
  const database = await openTestDatabase(folder, {
    ...auditMigrations,
    ...jobMigrations,
    ...modelMigrations,
    ...forecastMigrations,
  });
  const time = { nowMs: NOW_MS };
  const base = {
    database,
    live: new LiveHub(),
    clock: { now: () => time.nowMs },
    log: pino({ level: 'silent' }),
  };
  const jobs = new JobQueue(database, base.clock, base.log);
  const models = await createModels({
    ...base,
    folder: join(folder, 'models'),
    limits: { maxBytes: 2 ** 30, quotaBytes: 2 ** 31 },
    coveredShare: async () => 1,
    features: featureCatalog,
    nodePath: process.execPath,
  });
  await models.start();
  const breaches: { modelId: string; reason: string }[] = [];
  const gated = {
    ...models,
    breachGate: async (modelId: string, reason: string) => void breaches.push({ modelId, reason }),
  };
  const forecasting = await createForecasting({ ...base, jobs, market, models: gated });
  await forecasting.start();
  await jobs.start();
  const parts: ForecastParts = {
    market,
    models: gated,
    predictions: new PredictionStore(database),
    live: new LivePredictionStore(database),
    risks: new RiskStore(database),
    nodes: new SpotNodeStore(database),
    runs: new RunStore(database),
    blocks: new BlockStore(database),
    clock: base.clock,
  };
  return {
    database,
    models,
    forecasting,
    /** The same parts that the room has. */
    parts,
    time,
    live: base.live,
    /** Prices came in. */
    fill: () => filled.forEach(listener => void listener()),
    breaches,
    /** Takes a model of `resources/models` in and waits for its first forecast. */
    register: async (name: string, change: Partial<ModelManifest> = {}) => {
      const file = join(import.meta.dirname, `../../resources/models/${name}`);
      const manifest = JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8')) as ModelManifest;
      const { id } = await models.register(
        `${file}.onnx`,
        `${name}.onnx`,
        JSON.stringify({ ...manifest, ...change }),
      );
      await finished(id);
      return id;
    },
    /** Takes a file in with a manifest of its own and waits for its first forecast. */
    registerFile: async (bytes: Uint8Array, manifest: Partial<ModelManifest>) => {
      const path = join(folder, 'made.onnx');
      writeFileSync(path, bytes);
      const { id } = await models.register(
        path,
        'made.onnx',
        JSON.stringify({ ...madeManifest, ...manifest }),
      );
      await finished(id);
      return id;
    },
    /** Runs a forecast and waits for it. */
    run: async (modelId: string) => {
      await forecasting.evaluate(modelId);
      return finished(modelId);
    },
    close: async () => {
      await jobs.stop();
      await forecasting.stop();
      await models.stop();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };

  async function finished(modelId: string) {
    for (;;) {
      const summary = await forecasting.summary(modelId);
      if (summary.state === 'failed') return summary;
      if (summary.state === 'ready' && summary.madeAt === time.nowMs) return summary;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
}
