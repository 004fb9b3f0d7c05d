import type { SharedRows } from '../platform/index.ts';
import type { RowModel } from './trees/index.ts';

/**
 * A table that several threads run, each with a session of its own that has one thread. All of it lies in shared memory.
 * Whoever is free takes the next slice, so that all end together; no row is calculated otherwise than by one thread alone.
 */
export interface SharedRun {
  readonly rows: SharedRows;
  readonly columns: number;
  readonly rowsPerSlice: number;
  /** One number: the first row that nobody has taken yet. */
  readonly next: Int32Array<SharedArrayBuffer>;
  /** For each output where its values go, row after row. */
  readonly outputs: readonly { readonly width: number; readonly values: SharedRows }[];
}

/**
 * Takes slices until none is left.
 * @throws Error of the model, or when an output has another width than was expected; the others then take no more
 */
export function runSlices(model: RowModel, run: SharedRun): void {
  const { rows, columns, rowsPerSlice, next } = run;
  const count = rows.length / columns;
  try {
    for (;;) {
      const start = Atomics.add(next, 0, rowsPerSlice);
      if (start >= count) return;
      const end = Math.min(count, start + rowsPerSlice);
      const answer = model.run(rows.subarray(start * columns, end * columns), columns);
      for (const [index, { width, values }] of run.outputs.entries()) {
        const own = answer[index];
        if (own?.width !== width) throw new Error(`its output ${index} has another width than before`);
        values.set(own.values, start * width);
      }
    }
  } catch (error) {
    Atomics.store(next, 0, count);
    throw error;
  }
}
