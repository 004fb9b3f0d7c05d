import type { JobGrid } from './capacity-trace.ts';

/** Where a job runs: nowhere, in a pool by its place (1, 2, …), or on demand. */
export type Place = number;
export const IDLE: Place = 0;

/** The place of on-demand capacity beside so many pools. */
export function onDemandPlace(pools: number): Place {
  return pools + 1;
}

/** A job at the beginning of a tick, in units of its grid. */
export interface JobState {
  readonly left: number;
  readonly place: Place;
  /** Of the changeover that the running instance still owes. */
  readonly overhead: number;
}

/** What an instance owes at the beginning of a tick in which the job runs at `to`: all of it when it starts there. */
export function overheadAt({ place, overhead }: JobState, to: Place, grid: JobGrid): number {
  if (to === IDLE) return 0;
  return to === place ? overhead : grid.changeoverUnits;
}

/** Units of a tick that are paid: the last tick ends with the work. */
export function paidUnits(left: number, overhead: number, grid: JobGrid): number {
  return Math.min(grid.unitsPerTick, left + overhead);
}

/** The state after a tick that ran at `to`. */
export function afterTick(state: JobState, to: Place, grid: JobGrid): JobState {
  if (to === IDLE) return { left: state.left, place: IDLE, overhead: 0 };
  const owed = overheadAt(state, to, grid);
  const paid = paidUnits(state.left, owed, grid);
  return { left: state.left - Math.max(0, paid - owed), place: to, overhead: Math.max(0, owed - paid) };
}
