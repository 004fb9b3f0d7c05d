import { createHash } from 'node:crypto';
import type {
  CatalogType,
  FillProgress,
  GapAnalysis,
  Interval,
  MarketScope,
  PoolSummary,
  PricePoint,
} from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, type Pool, parsePoolKey, poolKey } from '../../common/units/index.ts';
import type { Clock, Database, JobQueue, LiveHub, Logger } from '../platform/index.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { CoverageStore } from './coverage-store.ts';
import { type FillInput, fillGaps } from './fill-gaps.ts';
import { progressOfJob } from './fill-progress.ts';
import { analyzeGap, type Need } from './gap.ts';
import { intersectionOf, lengthOf } from './intervals.ts';
import { type PriceSeries, PriceStore } from './price-store.ts';
import { Ec2Source, type Ec2SourceOptions } from './sources/ec2-source.ts';
import { holesOf } from './step-function.ts';

const FILL = 'gap-fill';
const FILLS_SHOWN = 50;
/** Looked back where a scope by hand names no start. */
const DEFAULT_LOOKBACK_MS = 30 * MS_PER_DAY;

/** A gap by model, or by hand. */
export interface GapRequest {
  readonly modelId?: string | undefined;
  readonly scope?: MarketScope | undefined;
  readonly fromMs?: number | undefined;
}

export interface PriceReader {
  /** The record in force; `undefined` when there is none, or the pool has been silent for too long. */
  lastPrice(pool: Pool, atMs?: number): Promise<PricePoint | undefined>;
  pools(scope: MarketScope): Promise<Pool[]>;
  /** Records in `[fromMs, toMs)` and the one in force at `fromMs`, of each pool that is known. */
  series(pools: readonly Pool[], fromMs: number, toMs: number): Promise<PriceSeries[]>;
}

export interface Coverage {
  /** Part of `[fromMs, toMs)` that is on disk for a scope: 0…1, the mean over its regions and products. */
  share(scope: MarketScope, fromMs: number, toMs: number): Promise<number>;
  all(): Promise<{ region: string; product: string; pools: number; intervals: Interval[] }[]>;
  countRecords(): Promise<number>;
}

/** The room of prices. */
export interface Market {
  readonly catalog: Catalog;
  readonly prices: PriceReader;
  readonly coverage: Coverage;
  listPools(query: {
    region?: string | undefined;
    product: string;
    search?: string | undefined;
    limit: number;
  }): Promise<{
    pools: PoolSummary[];
    total: number;
  }>;
  history(key: string, fromMs: number, toMs: number): Promise<{ points: PricePoint[]; holes: Interval[] }>;
  analyzeGap(request: GapRequest): Promise<GapAnalysis>;
  fill(request: GapRequest): Promise<FillProgress>;
  getFill(jobId: string): Promise<FillProgress>;
  listFills(): Promise<FillProgress[]>;
  cancelFill(jobId: string): Promise<FillProgress>;
  /** Hears of each fill that ended and brought rows. */
  onFilled(listener: (info: { modelId: string | null; scope: MarketScope }) => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface MarketParts {
  readonly database: Database;
  readonly jobs: JobQueue;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly catalogFile: string;
  readonly ec2: Ec2SourceOptions;
  /** What a model needs; models come after the market, so it is handed in. */
  readonly needOfModel: (
    modelId: string,
  ) => Promise<{ scope: MarketScope; trainedUntilMs: number; lookbackMs: number } | undefined>;
}

/** Opens the room. @throws AppError `config.invalid` when the catalog cannot be read. */
export async function createMarket(parts: MarketParts): Promise<Market> {
  const { database, jobs, live, clock, log } = parts;
  const catalog = await readCatalog(parts.catalogFile);
  const store = new PriceStore(database);
  const coverageStore = new CoverageStore(database);
  const source = new Ec2Source(parts.ec2, clock);
  const listeners = new Set<(info: { modelId: string | null; scope: MarketScope }) => void>();

  const needOf = async ({
    modelId,
    scope,
    fromMs,
  }: GapRequest): Promise<Need & { modelId: string | null }> => {
    if (modelId !== undefined) {
      const need = await parts.needOfModel(modelId);
      if (!need) throw new AppError('resource.not-found', `There is no model "${modelId}".`);
      const { trainedUntilMs, lookbackMs } = need;
      return { modelId, scope: need.scope, trainedUntilMs, fromMs: trainedUntilMs - lookbackMs };
    }
    if (scope === undefined) throw new AppError('input.invalid', 'Neither modelId nor scope is given.');
    const start = fromMs ?? clock.now() - DEFAULT_LOOKBACK_MS;
    if (start >= clock.now()) {
      throw new AppError(
        'input.invalid',
        `fromMs is ${new Date(start).toISOString()}, which is not in the past.`,
      );
    }
    return { modelId: null, scope, trainedUntilMs: null, fromMs: start };
  };
  const analyze = async (need: Need): Promise<GapAnalysis> => {
    const covered = new Map<string, readonly Interval[]>();
    const pools = new Map<string, number>();
    for (const region of need.scope.regions) {
      for (const product of need.scope.products) {
        const key = `${region} ${product}`;
        covered.set(key, await coverageStore.of(region, product, need.scope.instanceTypes));
        pools.set(key, await store.countPools(region, product, need.scope.instanceTypes));
      }
    }
    return analyzeGap(
      need,
      clock.now(),
      (region, product) => covered.get(`${region} ${product}`) ?? [],
      (region, product) => pools.get(`${region} ${product}`) ?? 0,
    );
  };

  jobs.define(
    FILL,
    context =>
      fillGaps({ database, prices: store, coverage: coverageStore, source, clock, log, analyze }, context),
    job => {
      const progress = progressOfJob(job);
      live.publish(`fill/${job.id}`, 'progress', progress);
      live.publish('fills', job.id, progress);
      if (!['succeeded', 'failed', 'cancelled'].includes(job.state)) return;
      if (job.state !== 'succeeded' && progress.newRows === 0) return;
      const { modelId, scope } = job.input as FillInput;
      for (const listener of listeners) listener({ modelId, scope });
    },
  );
  live.define('fills', async () => (await listFills()).map(fill => ({ key: fill.jobId, value: fill })));
  live.define('fill/*', async topic => {
    const job = await jobs.get(topic.slice('fill/'.length));
    return job ? [{ key: 'progress', value: progressOfJob(job) }] : [];
  });

  const listFills = async () => (await jobs.list(FILL, FILLS_SHOWN)).map(progressOfJob);
  const knownFill = async (jobId: string) => {
    const job = await jobs.get(jobId);
    if (job?.kind !== FILL) throw new AppError('resource.not-found', `There is no fill "${jobId}".`);
    return job;
  };

  return {
    catalog,
    prices: {
      lastPrice: (pool, atMs = clock.now()) => store.inForce(pool, atMs),
      pools: scope => store.pools(scope),
      series: (pools, fromMs, toMs) => store.series(pools, fromMs, toMs),
    },
    coverage: {
      share: async (scope, fromMs, toMs) => {
        let sum = 0;
        for (const region of scope.regions) {
          for (const product of scope.products) {
            const covered = await coverageStore.of(region, product, scope.instanceTypes);
            sum += lengthOf(intersectionOf(covered, [{ fromMs, toMs }])) / Math.max(1, toMs - fromMs);
          }
        }
        return sum / Math.max(1, scope.regions.length * scope.products.length);
      },
      all: async () => {
        const rows = await coverageStore.all();
        return Promise.all(
          rows.map(async ({ region, product, intervals }) => ({
            region,
            product,
            pools: await store.countPools(region, product, []),
            intervals: [...intervals],
          })),
        );
      },
      countRecords: () => store.countRecords(),
    },
    listPools: async ({ region, product, search, limit }) => {
      const rows = await store.lastPrices(region, product);
      const fitting = rows.filter(({ pool }) => search === undefined || matches(pool, search));
      return { pools: fitting.slice(0, limit).map(row => summaryOf(row, catalog)), total: fitting.length };
    },
    history: async (key, fromMs, toMs) => {
      const pool = parsePoolKey(key);
      if (!pool) throw new AppError('input.invalid', `"${key}" is no pool.`);
      if (fromMs >= toMs) throw new AppError('input.invalid', 'fromMs is not before toMs.');
      const [series] = await store.series([pool], fromMs, toMs);
      const points = [...(series?.atMs ?? [])].map((atMs, index) => ({
        atMs,
        priceMicroUsdPerHour: series?.priceMicroUsdPerHour[index] ?? 0,
      }));
      return { points, holes: holesOf(points, Math.min(toMs, clock.now())) };
    },
    analyzeGap: async request => analyze(await needOf(request)),
    fill: async request => {
      const need = await needOf(request);
      const analysis = await analyze(need);
      if (analysis.fillableMs === 0 && analysis.archiveMs > 0) {
        throw new AppError(
          'market.gap-needs-archive',
          'The whole gap lies before the 90 days that EC2 keeps.',
        );
      }
      return progressOfJob(
        await jobs.enqueue(FILL, scopeKey(need.scope, need.fromMs), need satisfies FillInput),
      );
    },
    getFill: async jobId => progressOfJob(await knownFill(jobId)),
    listFills,
    cancelFill: async jobId => {
      await knownFill(jobId);
      await jobs.cancel(jobId);
      return progressOfJob(await knownFill(jobId));
    },
    onFilled: listener => void listeners.add(listener),
    start: () => store.load(),
    stop: () => source.close(),
  };
}

/** Two fills of the same scope and start are the same work. */
function scopeKey({ regions, instanceTypes, products }: MarketScope, fromMs: number): string {
  const parts = [regions, instanceTypes, products].map(list => [...list].sort());
  return createHash('sha256')
    .update(JSON.stringify([parts, fromMs]))
    .digest('hex')
    .slice(0, 32);
}

function matches(pool: Pool, search: string): boolean {
  const text = `${pool.instanceType} ${pool.availabilityZone} ${pool.region}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

function summaryOf(row: { pool: Pool; last: PricePoint; records: number }, catalog: Catalog): PoolSummary {
  const { pool, last, records } = row;
  const isLinux = pool.product === 'Linux/UNIX';
  const onDemand: CatalogType['onDemandMicroUsdPerHour'] = isLinux
    ? (catalog.onDemandMicroUsdPerHour(pool.region, pool.instanceType) ?? null)
    : null;
  return {
    ...pool,
    pool: poolKey(pool),
    lastPriceMicroUsdPerHour: last.priceMicroUsdPerHour,
    lastPriceAt: last.atMs,
    onDemandMicroUsdPerHour: onDemand,
    records,
  };
}
