import { MS_PER_HOUR } from '../../common/units/index.ts';

/** Times at which models are judged lie this far apart, on whole multiples, evenly spaced as the tests need them. */
export const GRID_STEP_MS = 3 * MS_PER_HOUR;

/**
 * Made-at times of a run: whole multiples of three hours in `[fromMs, nowMs]`, then the last whole hour. All of them lie on
 * whole hours, so that every model has predictions for the same times, whenever its run comes around.
 */
export function madeAtGrid(fromMs: number, nowMs: number): Float64Array {
  const times: number[] = [];
  for (let at = Math.ceil(fromMs / GRID_STEP_MS) * GRID_STEP_MS; at <= nowMs; at += GRID_STEP_MS)
    times.push(at);
  const lastHour = Math.floor(nowMs / MS_PER_HOUR) * MS_PER_HOUR;
  if (lastHour >= fromMs && lastHour !== times.at(-1)) times.push(lastHour);
  return Float64Array.from(times);
}
