import { type CoverageCell, coverageCells, type Interval } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';
import { type IntervalSet, intersectionOf, lengthOf } from './intervals.ts';
import type { PoolSilence } from './pool-silences.ts';

/** A second or two between two fills is no gap that anybody has to see. */
const SMALL_GAP_MS = MS_PER_MINUTE;

/** Days as `[fromMs, fromMs + 86,400,000)`; the last one ends at `endMs` at the latest. */
export interface Days {
  readonly fromMs: number;
  readonly count: number;
  readonly endMs: number;
}

/** Which part of each day is covered, ms. */
export function coveredByDay(covered: IntervalSet, days: Days): number[] {
  return byDay(covered, days);
}

/**
 * What is known of a pool on each day; `CoverageCell` says what the letters mean.
 * @param coveredMs of each day, from `coveredByDay`
 * @param rowsOn how many records of the pool there are on a day
 */
export function cellsOf(
  silence: PoolSilence,
  covered: IntervalSet,
  coveredMs: readonly number[],
  rowsOn: (day: number) => number,
  days: Days,
): CoverageCell[] {
  const { holes, retiredAtMs, bornAtMs } = silence;
  const holeMs = holes.length === 0 ? undefined : byDay(intersectionOf(holes, covered), days);
  return coveredMs.map((coveredThen, day) => {
    const fromMs = days.fromMs + day * MS_PER_DAY;
    const lengthMs = Math.min(MS_PER_DAY, days.endMs - fromMs);
    if (coveredThen === 0) {
      // A fill brings the record in force at its start, which as a rule is of the day before.
      const ofNextDay = (coveredMs[day + 1] ?? 0) > 0 ? 1 : 0;
      return rowsOn(day) > ofNextDay ? 'p' : 'n';
    }
    if ((holeMs?.[day] ?? 0) > 0) return 'o';
    if (rowsOn(day) > 0) return coveredThen < lengthMs - SMALL_GAP_MS ? 'p' : 'h';
    if (retiredAtMs !== null && fromMs >= retiredAtMs) return 'r';
    if (bornAtMs !== null && fromMs + lengthMs <= bornAtMs) return 'b';
    return coveredThen < lengthMs - SMALL_GAP_MS ? 'p' : 'h';
  });
}

/** `3n87h` of three days never asked for and 87 held. */
export function runsOfCells(cells: readonly CoverageCell[]): string {
  let text = '';
  for (let first = 0; first < cells.length; ) {
    let next = first + 1;
    while (cells[next] === cells[first]) next++;
    text += `${next - first}${cells[first] ?? coverageCells[0]}`;
    first = next;
  }
  return text;
}

function byDay(set: readonly Interval[], { fromMs, count, endMs }: Days): number[] {
  const inDays = Array.from({ length: count }, () => 0);
  for (const part of set) {
    const first = Math.max(0, Math.floor((part.fromMs - fromMs) / MS_PER_DAY));
    for (let day = first; day < count; day++) {
      const dayMs = fromMs + day * MS_PER_DAY;
      if (dayMs >= part.toMs) break;
      const toMs = Math.min(dayMs + MS_PER_DAY, endMs);
      inDays[day] = (inDays[day] ?? 0) + lengthOf(intersectionOf([part], [{ fromMs: dayMs, toMs }]));
    }
  }
  return inDays;
}
