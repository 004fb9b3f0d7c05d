import { createHash } from 'node:crypto';
import type {
  FillProgress,
  GapAnalysis,
  Interval,
  MarketScope,
  PoolSummary,
  PricePoint,
} from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { formatDuration, MS_PER_DAY, type Pool, parsePoolKey, poolKey } from '../../common/units/index.ts';
import type { Clock, Database, JobQueue, LiveHub, Logger } from '../platform/index.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { CoverageStore } from './coverage-store.ts';
import { createImports, type Imports } from './create-imports.ts';
import { type FillInput, fillGaps } from './fill-gaps.ts';
import { wholeSeconds } from './fill-plan.ts';
import { progressOfJob } from './fill-progress.ts';
import { analyzeGap, completeScope, type Need } from './gap.ts';
import { HeldPriceStore } from './held-price-store.ts';
import { type IntervalSet, intersectionOf, lengthOf } from './intervals.ts';
import { PoolStore } from './pool-store.ts';
import { type PriceSeries, PriceStore } from './price-store.ts';
import { Ec2Source, type Ec2SourceOptions } from './sources/ec2-source.ts';
import { holesOf, isStillInForce, LONGEST_SILENCE_MS } from './step-function.ts';

const FILL = 'gap-fill';
const FILLS_SHOWN = 50;
/** Looked back where a scope by hand names no start. */
const DEFAULT_LOOKBACK_MS = 30 * MS_PER_DAY;

/** A gap by model, or by hand. */
interface GapRequest {
  readonly modelId?: string | undefined;
  readonly scope?: MarketScope | undefined;
  readonly fromMs?: number | undefined;
  /** End of what is needed; now unless told. */
  readonly toMs?: number | undefined;
}

interface PriceReader {
  /**
   * The record in force at `atMs` (now unless told); `undefined` when there is none, or the pool was silent for more
   * than 24.5 h of time that is on disk. Where time is not on disk, the last record known stands: look at its age.
   */
  lastPrice(pool: Pool, atMs?: number): Promise<PricePoint | undefined>;
  pools(scope: MarketScope): Promise<Pool[]>;
  /** Records in `[fromMs, toMs)` and the one in force at `fromMs`, of each pool that is known. */
  series(pools: readonly Pool[], fromMs: number, toMs: number): Promise<PriceSeries[]>;
}

interface Coverage {
  /** Part of `[fromMs, toMs)` that is on disk for a scope: 0…1, the mean over its regions and products. */
  share(scope: MarketScope, fromMs: number, toMs: number): Promise<number>;
  /** Time of each region and product that is on disk for all of its pools that are known. */
  all(): Promise<{ region: string; product: string; pools: number; intervals: Interval[] }[]>;
  countRecords(): Promise<number>;
}

/** The room of prices. */
export interface Market {
  readonly catalog: Catalog;
  readonly prices: PriceReader;
  readonly coverage: Coverage;
  readonly imports: Imports;
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
  /** Hears of each fill and import that ended and brought rows. */
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
  /** Where uploaded files of prices wait for their import. */
  readonly importsFolder: string;
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
  const pools = new PoolStore(database);
  const store = new PriceStore(database, pools);
  const coverageStore = new CoverageStore(database);
  const source = new Ec2Source(parts.ec2, clock);
  const listeners = new Set<(info: { modelId: string | null; scope: MarketScope }) => void>();

  const held = new HeldPriceStore(database, pools);
  const imports = createImports(
    { prices: store, held, coverage: coverageStore, clock, jobs, live, folder: parts.importsFolder },
    scope => {
      for (const listener of listeners) listener({ modelId: null, scope });
    },
  );

  const needOf = async (request: GapRequest): Promise<FillInput> => {
    const toMs = wholeSeconds(request.toMs ?? clock.now());
    if (request.modelId !== undefined) {
      const need = await parts.needOfModel(request.modelId);
      if (!need) throw new AppError('resource.not-found', `There is no model "${request.modelId}".`);
      const { trainedUntilMs, lookbackMs } = need;
      const fromMs = wholeSeconds(trainedUntilMs - lookbackMs);
      return { modelId: request.modelId, scope: completeScope(need.scope), trainedUntilMs, fromMs, toMs };
    }
    if (request.scope === undefined)
      throw new AppError('input.invalid', 'Neither modelId nor scope is given.');
    const fromMs = wholeSeconds(request.fromMs ?? clock.now() - DEFAULT_LOOKBACK_MS);
    if (fromMs >= Math.min(toMs, clock.now())) {
      throw new AppError(
        'input.invalid',
        `fromMs is ${fromMs} (${new Date(fromMs).toISOString()}), which is not in the past.`,
      );
    }
    return { modelId: null, scope: completeScope(request.scope), trainedUntilMs: null, fromMs, toMs };
  };
  const analyze = async (need: Need): Promise<GapAnalysis> => {
    const known = new Map<string, { covered: IntervalSet; pools: number }>();
    const { instanceTypes } = need.scope;
    for (const region of need.scope.regions) {
      for (const product of need.scope.products) {
        const covered = await coverageStore.of(region, product, instanceTypes);
        const sold = await pools.list({ regions: [region], products: [product], instanceTypes });
        known.set(`${region} ${product}`, { covered, pools: sold.length });
      }
    }
    return analyzeGap(
      need,
      clock.now(),
      (region, product) => known.get(`${region} ${product}`)?.covered ?? [],
      (region, product) => known.get(`${region} ${product}`)?.pools ?? 0,
    );
  };

  jobs.define(
    FILL,
    context => fillGaps({ prices: store, coverage: coverageStore, source, clock, log, analyze }, context),
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
    imports,
    prices: {
      lastPrice: async (pool, atMs = clock.now()) => {
        const last = await store.lastAt(pool, atMs);
        if (last === undefined || atMs - last.atMs <= LONGEST_SILENCE_MS) return last;
        const covered = await coverageStore.of(pool.region, pool.product, [pool.instanceType]);
        return isStillInForce(last, atMs, covered) ? last : undefined;
      },
      pools: async scope => (await pools.list(scope)).map(({ pool }) => pool),
      series: (wanted, fromMs, toMs) => store.series(wanted, fromMs, toMs),
    },
    coverage: {
      share: async (scope, fromMs, toMs) => {
        const { regions, products, instanceTypes } = completeScope(scope);
        let sum = 0;
        for (const region of regions) {
          for (const product of products) {
            const covered = await coverageStore.of(region, product, instanceTypes);
            sum += lengthOf(intersectionOf(covered, [{ fromMs, toMs }])) / Math.max(1, toMs - fromMs);
          }
        }
        return sum / Math.max(1, regions.length * products.length);
      },
      all: async () => {
        const rows = await coverageStore.covered();
        return Promise.all(
          rows.map(async ({ region, product }) => {
            const sold = await pools.list({ regions: [region], products: [product] });
            const instanceTypes = [...new Set(sold.map(({ pool }) => pool.instanceType))];
            const intervals = [...(await coverageStore.of(region, product, instanceTypes))];
            return { region, product, pools: sold.length, intervals };
          }),
        );
      },
      countRecords: () => store.countRecords(),
    },
    listPools: async ({ region, product, search, limit }) => {
      const regions = region === undefined ? [] : [region];
      const sold = await pools.list({ regions, products: [product] });
      const statistics = await store.statistics();
      const fitting = sold.filter(
        ({ id, pool }) => statistics.has(id) && (search === undefined || matches(pool, search)),
      );
      const shown = fitting.slice(0, limit);
      const newestMs = shown.reduce((ms, { id }) => Math.max(ms, statistics.get(id)?.lastAtMs ?? 0), 0);
      const ids = shown.map(({ id }) => id);
      const last = await store.lastOf(ids, newestMs);
      const summaries = shown.flatMap(({ id, pool }) => {
        const point = last.get(id);
        const records = statistics.get(id)?.records ?? 0;
        return point === undefined ? [] : [summaryOf(pool, point, records, catalog)];
      });
      return { pools: summaries, total: fitting.length };
    },
    history: async (key, fromMs, toMs) => {
      const pool = parsePoolKey(key);
      if (!pool)
        throw new AppError('input.invalid', `"${key}" is no pool; it is region/zone/instanceType/product.`);
      if (fromMs >= toMs)
        throw new AppError('input.invalid', `fromMs is ${fromMs}, which is not before toMs ${toMs}.`);
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
          `The whole gap of ${formatDuration(analysis.archiveMs)} lies before the 90 days that EC2 keeps.`,
        );
      }
      return progressOfJob(await jobs.enqueue(FILL, scopeKey(need.scope), need));
    },
    getFill: async jobId => progressOfJob(await knownFill(jobId)),
    listFills,
    cancelFill: async jobId => {
      await knownFill(jobId);
      await jobs.cancel(jobId);
      return progressOfJob(await knownFill(jobId));
    },
    onFilled: listener => void listeners.add(listener),
    start: async () => {
      await pools.load();
      await imports.start();
    },
    stop: () => source.close(),
  };
}

/** Two fills of the same scope never run twice, whatever their windows: what is left of the other is filled after. */
function scopeKey(scope: MarketScope): string {
  return createHash('sha256')
    .update(JSON.stringify(completeScope(scope)))
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

function summaryOf(pool: Pool, last: PricePoint, records: number, catalog: Catalog): PoolSummary {
  // The catalog knows prices of Linux only.
  const isLinux = pool.product === 'Linux/UNIX';
  const onDemand = isLinux ? catalog.onDemandMicroUsdPerHour(pool.region, pool.instanceType) : undefined;
  return {
    ...pool,
    pool: poolKey(pool),
    lastPriceMicroUsdPerHour: last.priceMicroUsdPerHour,
    lastPriceAt: last.atMs,
    onDemandMicroUsdPerHour: onDemand ?? null,
    records,
  };
}
