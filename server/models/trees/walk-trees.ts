import { readTreePlan } from './read-tree-plan.ts';
import { bitDifference, type RowModel } from './same-bits.ts';
import { tellingRows } from './telling-rows.ts';
import { TreeModel } from './tree-model.ts';
import type { TreePlan } from './tree-plan.ts';

/** Rows on which a model is held against ONNX Runtime before it is believed: some milliseconds of work. */
const ROWS_TO_AGREE = 512;
/**
 * Trees of a larger file lie beyond the caches, where ONNX Runtime is as fast, and take long to be read: a model must not
 * miss its deadline for that.
 */
const MOST_FILE_BYTES = 12 * 1024 * 1024;

/** A model that is walked here, or why not: a clause that goes on after "because". */
export type WalkedTrees =
  | { readonly model: TreeModel; readonly plan: TreePlan }
  | { readonly model?: undefined; readonly reason: string };

/**
 * Takes the trees of a file out of ONNX Runtime's hands, if the file is nothing but trees and every bit of every output is the
 * same on rows that would tell.
 * @param file open for reading
 * @param columns values of one row; `undefined` when the model leaves that open
 * @param theirs the same file in ONNX Runtime
 */
export function walkTrees(
  file: number,
  size: number,
  columns: number | undefined,
  theirs: RowModel,
): WalkedTrees {
  if (columns === undefined) return { reason: 'it does not say how many columns it takes' };
  if (size > MOST_FILE_BYTES) return { reason: 'its file is too large' };
  const { plan, reason } = readTreePlan(file, size, columns);
  if (!plan) return { reason };
  try {
    const model = new TreeModel(plan);
    const difference = bitDifference(model, theirs, tellingRows(plan, ROWS_TO_AGREE), columns);
    return difference === undefined ? { model, plan } : { reason: difference };
  } catch (error) {
    return { reason: `it cannot be walked here: ${String(error)}` };
  }
}
