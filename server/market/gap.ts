import type { GapAnalysis, GapSlice, Interval, MarketScope } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { formatDuration, MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';
import { planFill, wholeSeconds } from './fill-plan.ts';
import { differenceOf, type IntervalSet, intersectionOf, lengthOf } from './intervals.ts';

/** How far back DescribeSpotPriceHistory reaches. */
const API_REACH_MS = 90 * MS_PER_DAY;

/** The window moves while a fill runs, so what is about to leave it is not promised. */
const REACH_MARGIN_MS = 30 * MS_PER_MINUTE;

/** Rows of a pool in a day: 816,644 rows of 5,215 pools in 90 days, measured on a recording of eu-west-1. */
export const USUAL_ROWS_PER_POOL_DAY = 1.74;
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
  /** Time on disk is asked for, too. */
  readonly again?: boolean;
}

/** Time on disk for some types of a scope that have the same; empty `instanceTypes` stand for all there are. */
export interface CoveredTypes {
  readonly instanceTypes: readonly string[];
  readonly covered: IntervalSet;
}

/** What is held of a region and product. */
export interface Held {
  /** Together the types of the scope. */
  readonly types: readonly CoveredTypes[];
  /** Pools of the scope of which any price was seen. */
  readonly pools: number;
}

/** What is missing, and what it will take; without what the records themselves tell. */
export type Gap = Omit<GapAnalysis, 'pools' | 'holes' | 'holesTotal'>;

/** From when on the API is asked: a little less than it reaches back. */
export function reachOf(nowMs: number): number {
  return wholeSeconds(nowMs - API_REACH_MS + REACH_MARGIN_MS);
}

/**
 * What is needed less what is covered, for each region, product and group of types with the same coverage, split where
 * the API's reach ends.
 */
export function analyzeGap(
  need: Need,
  nowMs: number,
  heldOf: (region: string, product: string) => Held,
  rowsPerPoolDay = USUAL_ROWS_PER_POOL_DAY,
): Gap {
  const reachMs = reachOf(nowMs);
  const toMs = Math.min(need.toMs, nowMs);
  const slices: GapSlice[] = [];
  let rows = 0;
  let requests = 0;
  for (const region of need.scope.regions) {
    for (const product of need.scope.products) {
      const held = heldOf(region, product);
      for (const { instanceTypes, covered } of held.types) {
        const missing = differenceOf([{ fromMs: need.fromMs, toMs }], covered);
        const slice = (fillable: boolean) => (part: Interval) => ({
          region,
          product,
          instanceTypes: [...instanceTypes],
          ...part,
          fillable,
          joinsCovered: covered.some(one => one.toMs === part.fromMs),
        });
        const within = intersectionOf(missing, [{ fromMs: reachMs, toMs }]);
        const before = intersectionOf(missing, [{ fromMs: Number.MIN_SAFE_INTEGER, toMs: reachMs }]);
        slices.push(...before.map(slice(false)), ...within.map(slice(true)));
        const share = instanceTypes.length === 0 ? 1 : instanceTypes.length / need.scope.instanceTypes.length;
        const types = need.scope.instanceTypes.length || TYPES_GUESS;
        const pools = share * (held.pools || types * ZONES_GUESS);
        const estimate = Math.ceil((lengthOf(within) / MS_PER_DAY) * rowsPerPoolDay * pools);
        rows += estimate;
        requests += within.length === 0 ? 0 : Math.max(within.length, Math.ceil(estimate / ROWS_PER_PAGE));
      }
    }
  }
  const lengthWhere = (fillable: boolean) => lengthOf(slices.filter(one => one.fillable === fillable));
  const fillableMs = lengthWhere(true);
  return {
    scope: need.scope,
    neededFromMs: need.fromMs,
    nowMs,
    trainedUntilMs: need.trainedUntilMs,
    gapDays: Math.max(0, (nowMs - (need.trainedUntilMs ?? need.fromMs)) / MS_PER_DAY),
    slices,
    fillableMs,
    archiveMs: lengthWhere(false),
    estimatedRows: rows,
    estimatedRequests: requests,
    estimatedSeconds: requests / PAGES_PER_SECOND,
    estimatedWalks: planFill(slices, rowsPerDayOf(rows, fillableMs)).length,
    rowsPerPoolDay,
  };
}

/** Rows expected of a day of a slice. */
export function rowsPerDayOf(rows: number, fillableMs: number): number {
  return fillableMs === 0 ? 0 : rows / (fillableMs / MS_PER_DAY);
}

/** The error of a gap of which the API can give nothing. */
export function needsArchive(archiveMs: number): AppError {
  return new AppError(
    'market.gap-needs-archive',
    `The whole gap of ${formatDuration(archiveMs)} lies before the 90 days that EC2 keeps.`,
  );
}
