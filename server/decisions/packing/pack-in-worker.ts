import type { PackingAnswer } from './packing-answer.ts';
import type { PackingProblem } from './problem.ts';
import { runThread, type ThreadOptions } from './run-thread.ts';

/** Packs in a thread of its own; see `runThread`. */
export function packInWorker(problem: PackingProblem, options: ThreadOptions): Promise<PackingAnswer> {
  return runThread('packing-worker', { problem }, options);
}
