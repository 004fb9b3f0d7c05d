import type { GapAnalysis, GapSlice, MarketScope } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';
import { wholeSeconds } from './fill-plan.ts';
import { differenceOf, type IntervalSet, intersectionOf, lengthOf } from './intervals.ts';

/** How far back DescribeSpotPriceHistory reaches. */
const API_REACH_MS = 90 * MS_PER_DAY;

/** The window moves while a fill runs, so what is about to leave it is not promised. */
const REACH_MARGIN_MS = 30 * MS_PER_MINUTE;

/** Rows of a pool in a day: 816,644 rows of 5,215 pools in 90 days, measured on a recording of eu-west-1. */
const ROWS_PER_POOL_DAY = 1.74;
/** Zones in which a type is offered, and types of a region and product, where nothing is known yet. */
const ZONES_GUESS = 3;
const TYPES_GUESS = 460;
export const ROWS_PER_PAGE = 1_000;
/** What EC2 lets one account ask for in the long run, and what one request at a time reaches. */
const PAGES_PER_SECOND = 20;

/** Products that EC2 sells by Spot; what an empty list in a scope stands for. */
const PRODUCTS = ['Linux/UNIX', 'Red Hat Enterprise Linux', 'SUSE Linux', 'Windows'];

/** The same scope with every list in order, without repetition, and products named one by one. */
export function completeScope(scope: MarketScope): MarketScope {
  const ordered = (list: readonly string[]) => [...new Set(list)].sort();
  return {
    regions: ordered(scope.regions),
    instanceTypes: ordered(scope.instanceTypes),
    products: ordered(scope.products.length === 0 ? PRODUCTS : scope.products),
  };
}

/** What is needed of the market. */
export interface Need {
  readonly scope: MarketScope;
  readonly fromMs: number;
  /** End of what is needed; as a rule the moment of asking. */
  readonly toMs: number;
  readonly trainedUntilMs: number | null;
}

/**
 * What is needed less what is covered, for each region and product, split where the API's reach ends.
 * @param coverageOf intervals on disk that vouch for the scope's instance types
 */
export function analyzeGap(
  need: Need,
  nowMs: number,
  coverageOf: (region: string, product: string) => IntervalSet,
  knownPools: (region: string, product: string) => number,
): GapAnalysis {
  const reachMs = wholeSeconds(nowMs - API_REACH_MS + REACH_MARGIN_MS);
  const toMs = Math.min(need.toMs, nowMs);
  const slices: GapSlice[] = [];
  let rows = 0;
  let requests = 0;
  for (const region of need.scope.regions) {
    for (const product of need.scope.products) {
      const missing = differenceOf([{ fromMs: need.fromMs, toMs }], coverageOf(region, product));
      const before = intersectionOf(missing, [{ fromMs: Number.MIN_SAFE_INTEGER, toMs: reachMs }]);
      const within = intersectionOf(missing, [{ fromMs: reachMs, toMs }]);
      slices.push(...before.map(part => ({ region, product, ...part, fillable: false })));
      slices.push(...within.map(part => ({ region, product, ...part, fillable: true })));
      const types = need.scope.instanceTypes.length || TYPES_GUESS;
      const pools = knownPools(region, product) || types * ZONES_GUESS;
      const estimate = Math.ceil((lengthOf(within) / MS_PER_DAY) * ROWS_PER_POOL_DAY * pools);
      rows += estimate;
      requests += within.length === 0 ? 0 : Math.max(within.length, Math.ceil(estimate / ROWS_PER_PAGE));
    }
  }
  const lengthWhere = (fillable: boolean) => lengthOf(slices.filter(slice => slice.fillable === fillable));
  return {
    scope: need.scope,
    neededFromMs: need.fromMs,
    nowMs,
    trainedUntilMs: need.trainedUntilMs,
    gapDays: Math.max(0, (nowMs - (need.trainedUntilMs ?? need.fromMs)) / MS_PER_DAY),
    slices,
    fillableMs: lengthWhere(true),
    archiveMs: lengthWhere(false),
    estimatedRows: rows,
    estimatedRequests: requests,
    estimatedSeconds: requests / PAGES_PER_SECOND,
  };
}
