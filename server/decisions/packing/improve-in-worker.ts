import type { Improvement, ImprovementOrder } from './improve-cluster.ts';
import { runThread, type ThreadOptions } from './run-thread.ts';

/**
 * Makes a cluster cheaper in a thread of its own; see `runThread` and `improveCluster`.
 * @param script what the thread runs, where the program is bundled and so is not beside its source
 */
export function improveInWorker(
  order: ImprovementOrder,
  options: ThreadOptions,
  script = new URL('./improvement-worker.ts', import.meta.url),
): Promise<Improvement> {
  return runThread(script, order, options);
}
