import type { GapSlice } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_SECOND } from '../../common/units/index.ts';

/** A stretch that is asked for in one walk through pages. Whole seconds, as EC2's records are. */
export interface FillSlice {
  readonly region: string;
  readonly product: string;
  /** Empty: all types there are. */
  readonly instanceTypes: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Nothing older follows it or lies on disk, so that the records in force at its start have to come with it. */
  readonly opensGap: boolean;
}

/** Each walk reads a page or two that its neighbours hold too, so that short ones are dear. */
const SHORTEST_MS = 2 * MS_PER_DAY;
const LONGEST_MS = 10 * MS_PER_DAY;
const ROWS_PER_SLICE = 10_000;

/**
 * Cuts what is fillable into slices of about ten pages, newest first: predictions for today need the newest prices,
 * so that a fill that is stopped half-way was not for nothing.
 * @param rowsPerDay expected for a region and product
 */
export function planFill(gap: readonly GapSlice[], rowsPerDay: number): FillSlice[] {
  const lengthMs = Math.min(
    LONGEST_MS,
    Math.max(SHORTEST_MS, (ROWS_PER_SLICE / Math.max(1, rowsPerDay)) * MS_PER_DAY),
  );
  const slices: FillSlice[] = [];
  for (const { region, product, instanceTypes, fromMs, toMs, fillable, joinsCovered } of gap) {
    if (!fillable) continue;
    const count = Math.max(1, Math.ceil((toMs - fromMs) / lengthMs));
    const cut = (index: number) =>
      index === count ? toMs : fromMs + wholeSeconds(((toMs - fromMs) * index) / count);
    for (let index = 0; index < count; index++)
      slices.push({
        region,
        product,
        instanceTypes,
        fromMs: cut(index),
        toMs: cut(index + 1),
        opensGap: index === 0 && !joinsCovered,
      });
  }
  return slices.toSorted((a, b) => b.toMs - a.toMs);
}

/** Cut down to whole seconds, as EC2's records are. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / MS_PER_SECOND) * MS_PER_SECOND;
}
