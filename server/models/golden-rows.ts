import type { ModelManifest } from '../../common/contracts/index.ts';

/** Relative deviation that is let through: rounding of another machine, not another model. */
const TOLERANCE_DOUBLE = 1e-9;
const TOLERANCE_SINGLE = 1e-4;
/** Values smaller than this are compared as if they were this large. */
const SMALLEST_SCALE = 1e-6;

/** The golden inputs as one table, or `undefined` when the manifest has none. */
export function goldenTable(manifest: ModelManifest): Float64Array | undefined {
  return manifest.golden.length === 0
    ? undefined
    : Float64Array.from(manifest.golden.flatMap(({ input }) => input));
}

/**
 * Compares what a model gave for its golden rows with what its makers got.
 * @returns a sentence about the first row that differs, or `undefined` when all agree
 */
export function goldenMismatch(
  manifest: ModelManifest,
  output: Float64Array | undefined,
  isDouble: boolean,
): string | undefined {
  const rows = manifest.golden.length;
  const width = (output?.length ?? 0) / rows;
  const tolerance = isDouble ? TOLERANCE_DOUBLE : TOLERANCE_SINGLE;
  for (const [row, golden] of manifest.golden.entries()) {
    if (golden.output.length !== width) {
      return `golden row ${row + 1} has ${golden.output.length} outputs, but the model gives ${width}.`;
    }
    for (const [place, expected] of golden.output.entries()) {
      const got = output?.[row * width + place] ?? Number.NaN;
      const limit = tolerance * Math.max(SMALLEST_SCALE, Math.abs(expected));
      if (!(Math.abs(got - expected) <= limit)) {
        return `golden row ${row + 1} gives ${got} here, but its makers got ${expected}.`;
      }
    }
  }
  return undefined;
}
