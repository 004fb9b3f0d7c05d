import { seededRandom } from '../../../common/seeded-random.ts';
import type { Place, TreePlan } from './tree-plan.ts';

/** What comparisons and arithmetic may treat in a way of its own. */
const ODD = [Number.NaN, Infinity, -Infinity, -0, 0, Number.MIN_VALUE, -1e-36, 3e38, 1e300, 1, -1, 0.5];
/** Most of a row is ordinary, so that it gets past the first tests. */
const ODD_SHARE = 0.08;

/**
 * Rows that tell two evaluations of a plan's trees apart: values on thresholds of their column, the numbers next to these in 32
 * and 64 bits, odd ones, and some between. The same for the same plan.
 */
export function tellingRows(plan: TreePlan, count: number): Float64Array {
  const random = seededRandom(17);
  const pick = (values: ArrayLike<number>) => values[Math.floor(random() * values.length)] ?? 0;
  const thresholds = thresholdsOf(plan);
  const rows = new Float64Array(count * plan.columns);
  for (let place = 0; place < rows.length; place++) {
    const own = thresholds.get(place % plan.columns);
    if (random() < ODD_SHARE) rows[place] = pick(ODD);
    else if (own === undefined) rows[place] = 4 * random() - 2;
    else rows[place] = near(pick(own), random);
  }
  return rows;
}

function near(threshold: number, random: () => number): number {
  const distance = Math.max(Math.abs(threshold), Number.MIN_VALUE);
  const step = random() < 0.5 ? 2 ** -52 : 2 ** -23;
  const way = random();
  if (way < 0.4) return threshold;
  if (way < 0.6) return threshold + distance * step;
  if (way < 0.8) return threshold - distance * step;
  return threshold + (random() - 0.5) * distance;
}

/** Of each column of the input the thresholds that it, or what is made of it, is compared with. */
function thresholdsOf({ steps, inputs, contents }: TreePlan): Map<number, Float64Array> {
  const columnOf = new Map<Place, number>(inputs.map(({ column, to }) => [to, column]));
  const tables = new Map(contents.map(({ at, bytes }) => [at, bytes]));
  const found = new Map<number, Float64Array>();
  for (const step of steps) {
    if (step.kind === 'column') {
      const origin = step.inputs.find(place => columnOf.has(place));
      const column = origin === undefined ? undefined : columnOf.get(origin);
      if (column !== undefined) columnOf.set(step.to, column);
      continue;
    }
    for (const { from, thresholds } of step.rankColumns) {
      const column = columnOf.get(from);
      const bytes = tables.get(thresholds);
      if (column === undefined || bytes === undefined) continue;
      const own = new Float64Array(bytes.slice().buffer).filter(Number.isFinite);
      const known = found.get(column);
      found.set(
        column,
        known ? Float64Array.of(...known.subarray(0, 10_000), ...own.subarray(0, 10_000)) : own,
      );
    }
  }
  return new Map([...found].filter(([, own]) => own.length > 0));
}
