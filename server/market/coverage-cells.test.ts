import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { cellsOf, coveredByDay, runsOfCells } from './coverage-cells.ts';
import type { IntervalSet } from './intervals.ts';
import { SilenceWatch } from './pool-silences.ts';

const days = { fromMs: 0, count: 10, endMs: 9.5 * MS_PER_DAY };

/** The cells of a pool that says its price every 6 h on the days named. */
function cells(covered: IntervalSet, spoken: readonly number[]): string {
  const watch = new SilenceWatch(covered);
  for (const day of spoken)
    for (let hour = 0; hour < 24; hour += 6) watch.add(1, (day * MS_PER_DAY + hour * MS_PER_HOUR) / 1_000);
  const [silence] = watch.end([1]);
  if (!silence) throw new Error('the watch knows no pool');
  const found = cellsOf(
    silence,
    covered,
    coveredByDay(covered, days),
    day => (spoken.includes(day) ? 4 : 0),
    days,
  );
  return runsOfCells(found);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const covered = (from: number, to: number) => ({ fromMs: from * MS_PER_DAY, toMs: to * MS_PER_DAY });

describe('cells of coverage', () => {
  it('tell days that are held from days that were never asked for', () => {
    expect(cells([covered(0, 3), covered(5, 9.5)], [...range(0, 2), ...range(5, 9)])).toBe('3h2n5h');
  });

  it('tell a hole from a pool that retired and one that came later', () => {
    expect(cells([covered(0, 9.5)], [...range(0, 3), ...range(7, 9)])).toBe('4h3o3h');
    expect(cells([covered(0, 9.5)], range(0, 3))).toBe('4h6r');
    expect(cells([covered(0, 9.5)], range(6, 9))).toBe('6b4h');
  });

  it('call a day partly known of which a part is covered, or whose rows nothing vouches for', () => {
    expect(cells([covered(0, 4.5)], range(0, 4))).toBe('4h1p5n');
    expect(cells([], [2])).toBe('2n1p7n');
    // Two fills that miss a second between them are no gap to look at.
    const seconds = [covered(0, 3), { fromMs: 3 * MS_PER_DAY + 1_000, toMs: 9.5 * MS_PER_DAY }];
    expect(cells(seconds, range(0, 9))).toBe('10h');
  });
});
