import type { CoverageCell } from '../../../../common/contracts/index.ts';

/** Names of the states as the legend has them. */
export const CELL_NAMES: Readonly<Record<CoverageCell, string>> = {
  h: 'On disk',
  p: 'Partly on disk',
  n: 'Never asked for',
  o: 'Hole',
  r: 'Retired',
  b: 'Not yet sold',
};

/** What a state means. */
export const CELL_MEANINGS: Readonly<Record<CoverageCell, string>> = {
  h: 'All prices of the day are on disk.',
  p: 'A part of the day is on disk, or there are prices that no import or fill vouches for.',
  n: 'Nobody has asked EC2 for this day, and no archive held it.',
  o: 'The day is on disk, but this pool was silent for more than 24.5 hours and spoke again later: its records are missing, or it was not sold meanwhile.',
  r: 'The pool went silent and never spoke again: it is no longer sold.',
  b: 'The pool was first seen later.',
};

/** What can be done about a state; `null` where nothing needs to be. */
export function remedyOf(cell: CoverageCell, isInReach: boolean): string | null {
  if (cell === 'h' || cell === 'r' || cell === 'b') return null;
  if (!isInReach) return 'It lies before the 90 days that EC2 keeps: only an archive has it. Import one.';
  return cell === 'o'
    ? 'EC2 still keeps this day: ask for it again. If EC2 has no more than this, the hole stays.'
    : 'EC2 still keeps this day: fill it.';
}
