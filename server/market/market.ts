import type {
  Collection,
  CoverageMap,
  Ec2Access,
  FillProgress,
  GapAnalysis,
  Interval,
  MarketScope,
  PoolSummary,
  PoolTable,
  PriceHistories,
  PricePoint,
} from '../../common/contracts/index.ts';
import type { Pool } from '../../common/units/index.ts';
import type { Clock, Database, JobQueue, LiveHub, Logger } from '../platform/index.ts';
import type { Catalog, CatalogFiles, CatalogKeeper } from './catalog/index.ts';
import type { Imports } from './create-imports.ts';
import type { PriceExchange } from './price-exchange.ts';
import type { PriceSeries } from './price-store.ts';
import type { Ec2SourceOptions } from './sources/ec2-source.ts';

/** A gap by model, or by hand. */
export interface GapRequest {
  readonly modelId?: string | undefined;
  readonly scope?: MarketScope | undefined;
  readonly fromMs?: number | undefined;
  /** End of what is needed; now unless told. */
  readonly toMs?: number | undefined;
  /** Asks for time on disk, too: it has holes that EC2 may fill. */
  readonly again?: boolean | undefined;
}

export interface PriceReader {
  /**
   * The record in force at `atMs` (now unless told); `undefined` when there is none, or the pool was silent for more
   * than 24.5 h of time that is on disk. Where time is not on disk, the last record known stands: look at its age.
   */
  lastPrice(pool: Pool, atMs?: number): Promise<PricePoint | undefined>;
  pools(scope: MarketScope): Promise<Pool[]>;
  /** Records in `[fromMs, toMs)` and the one in force at `fromMs`, of each pool that is known. */
  series(pools: readonly Pool[], fromMs: number, toMs: number): Promise<PriceSeries[]>;
}

export interface Coverage {
  /** Part of `[fromMs, toMs)` that is on disk for a scope: 0…1, the mean over its regions and products. */
  share(scope: MarketScope, fromMs: number, toMs: number): Promise<number>;
  /** Time of each region and product that is on disk for all of its pools that are known. */
  all(): Promise<{ region: string; product: string; pools: number; intervals: Interval[] }[]>;
  countRecords(): Promise<number>;
  /** What records take on disk; `null` while there are none. */
  bytesPerRecord(): Promise<number | null>;
}

/** Which pools are shown. */
export interface PoolQuery {
  readonly region?: string | undefined;
  readonly product: string;
  readonly search?: string | undefined;
  readonly limit: number;
}

/** Whose history, as steps. */
export interface HistoriesQuery {
  readonly pools: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Stretches of the window in which steps are thinned where there are too many. */
  readonly buckets: number;
}

/** Which part of coverage is drawn. */
export interface MapQuery {
  readonly region: string;
  readonly product: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Told of each fill that ended and brought rows. */
export type FilledListener = (info: { modelId: string | null; scope: MarketScope }) => void;

/** The room of prices. */
export interface Market {
  readonly catalog: Catalog;
  /** What changes the catalog. */
  readonly catalogKeeper: CatalogKeeper;
  readonly prices: PriceReader;
  readonly coverage: Coverage;
  readonly imports: Imports;
  listPools(query: PoolQuery): Promise<{ pools: PoolSummary[]; total: number }>;
  poolTable(): Promise<PoolTable>;
  histories(query: HistoriesQuery): Promise<PriceHistories>;
  coverageMap(query: MapQuery): Promise<CoverageMap>;
  /** Asks EC2 for one price. */
  ec2Access(region: string): Promise<Ec2Access>;
  history(key: string, fromMs: number, toMs: number): Promise<{ points: PricePoint[]; holes: Interval[] }>;
  /** What a fill would do: nothing is asked and nothing written. */
  analyzeGap(request: GapRequest): Promise<GapAnalysis>;
  fill(request: GapRequest): Promise<FillProgress>;
  getFill(jobId: string): Promise<FillProgress>;
  listFills(): Promise<FillProgress[]>;
  cancelFill(jobId: string): Promise<FillProgress>;
  onFilled(listener: FilledListener): void;
  /** Requests for prices that this process made of EC2, and how many of them were refused because of their pace. */
  requestCounts(): { requests: number; throttled: number };
  readonly collections: Collections;
  /** Prices as engines pass them to each other. */
  readonly exchange: PriceExchange;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What is collected from now on. */
export interface Collections {
  list(): Promise<{ collections: Collection[]; retentionDays: number }>;
  /** Begins to collect a scope, or the scopes of all models; the same again changes nothing. */
  add(what: { scope?: MarketScope | undefined; models?: boolean | undefined }): Promise<Collection>;
  /** Collects another scope in place of what it was. @throws AppError `resource.conflict` when that is collected already */
  change(
    id: string,
    what: { scope?: MarketScope | undefined; models?: boolean | undefined },
  ): Promise<Collection>;
  setPaused(id: string, paused: boolean): Promise<Collection>;
  /** Stops to collect; prices on disk stay. */
  remove(id: string): Promise<Collection>;
}

/** What a model needs of the market. */
export interface ModelNeed {
  readonly scope: MarketScope;
  readonly trainedUntilMs: number;
  readonly lookbackMs: number;
}

export interface MarketParts {
  readonly database: Database;
  readonly jobs: JobQueue;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly catalog: CatalogFiles;
  /** Where uploaded files of prices wait for their import. */
  readonly importsFolder: string;
  readonly ec2: Ec2SourceOptions;
  /** Models come after the market, so what they need is handed in. */
  readonly needOfModel: (modelId: string) => Promise<ModelNeed | undefined>;
  /** Scopes of all models; none unless given. */
  readonly scopesOfModels?: () => Promise<MarketScope[]>;
  /** Days that prices are kept; 0 (unless given) keeps them for ever. */
  readonly retentionDays?: number;
}
