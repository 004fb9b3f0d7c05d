import type { Outputs } from '../platform/index.ts';

/**
 * Runs a table part by part and puts the values together in the order of its rows.
 * @param rowsPerPart most rows of one part
 */
export async function runInParts(
  rows: Float64Array,
  columns: number,
  rowsPerPart: number,
  run: (part: Float64Array) => Promise<Outputs>,
): Promise<Float64Array[]> {
  const count = rows.length / columns;
  if (count > 0 && count <= rowsPerPart) return [...(await run(rows))];
  const whole: Float64Array[] = [];
  for (let start = 0; start < count; start += rowsPerPart) {
    const size = Math.min(rowsPerPart, count - start);
    const outputs = await run(rows.subarray(start * columns, (start + size) * columns));
    for (const [index, part] of outputs.entries()) {
      const width = part.length / size;
      whole[index] ??= new Float64Array(count * width);
      whole[index].set(part, start * width);
    }
  }
  return whole;
}
