import { ProtoReader } from '../proto-reader.ts';
import { readOnnxGraph } from './onnx-graph.ts';
import { isTreeOperator, planGraph } from './plan-graph.ts';
import type { TreePlan } from './tree-plan.ts';
import { Unread } from './unread.ts';

/** A plan, or why the file's trees are not walked here: a clause that goes on after "because". */
export type ReadPlan =
  | { readonly plan: TreePlan; readonly reason?: undefined }
  | { readonly plan?: undefined; readonly reason: string };

/**
 * Recognises an ONNX file that is only tree ensembles and plans how to walk them.
 * @param file open for reading
 * @param columns values of one row
 */
export function readTreePlan(file: number, size: number, columns: number): ReadPlan {
  try {
    return { plan: planGraph(readOnnxGraph(new ProtoReader(file, size), isTreeOperator), columns) };
  } catch (error) {
    // Whatever is wrong with the file: ONNX Runtime has loaded it, and serves.
    return { reason: error instanceof Unread ? error.message : `it could not be read: ${String(error)}` };
  }
}
