import type { RunOutput } from '../../platform/index.ts';

/** What can run rows. */
export interface RowModel {
  readonly outputs: readonly string[];
  run(rows: Float64Array, columns: number): RunOutput[];
}

/**
 * Runs rows through two models, all at once and the first by itself.
 * @returns a clause about the first value that differs in any bit, or `undefined` when all are the same. Two values that are
 *   both no number are the same: the bits of a NaN are not calculated with.
 */
export function bitDifference(
  ours: RowModel,
  theirs: RowModel,
  rows: Float64Array,
  columns: number,
): string | undefined {
  if (ours.outputs.join('\n') !== theirs.outputs.join('\n')) return 'its outputs have other names';
  return (
    differenceOf(ours.run(rows, columns), theirs.run(rows, columns)) ??
    differenceOf(ours.run(rows.slice(0, columns), columns), theirs.run(rows.slice(0, columns), columns))
  );
}

function differenceOf(ours: readonly RunOutput[], theirs: readonly RunOutput[]): string | undefined {
  for (const [output, { width, values }] of theirs.entries()) {
    const own = ours[output];
    if (own?.width !== width) return `its output ${output} has ${width} columns, not ${own?.width}`;
    for (let place = 0; place < values.length; place++) {
      const [got, wanted] = [own.values[place], values[place]];
      if (Object.is(got, wanted)) continue;
      return `ONNX Runtime gives ${wanted} in row ${Math.floor(place / width) + 1} where ${got} came out`;
    }
  }
  return undefined;
}
