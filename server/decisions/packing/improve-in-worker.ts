import type { Improvement, ImprovementOrder } from './improve-cluster.ts';
import { runThread, type ThreadOptions } from './run-thread.ts';

/** Makes a cluster cheaper in a thread of its own; see `runThread` and `improveCluster`. */
export function improveInWorker(order: ImprovementOrder, options: ThreadOptions): Promise<Improvement> {
  return runThread('improvement-worker', order, options);
}
