/** Entry of the thread that makes a running cluster cheaper; see `improveCluster`. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Improvement, type ImprovementOrder, improveCluster } from './improve-cluster.ts';
import { loadLinearSolver } from './linear-solver.ts';
import type { ThreadLimits, ThreadMessage } from './run-thread.ts';

/** Steps without gain after which the search ends before its time. */
const PATIENCE = 40;

/** Part of the time after which the search ends, so that what-ifs are answered too. */
const SEARCH_SHARE = 0.6;

const startedAt = performance.now();
const { seed, timeLimitMs, stop, ...order } = workerData as ThreadLimits & ImprovementOrder;
const flag = new Int32Array(stop);
const say = (message: ThreadMessage<Improvement>) => parentPort?.postMessage(message);
const isOver = (share: number) =>
  Atomics.load(flag, 0) !== 0 || performance.now() - startedAt >= share * timeLimitMs;
const search = {
  solve: await loadLinearSolver(),
  seed,
  shouldStop: () => isOver(order.whatIf.length === 0 ? 1 : SEARCH_SHARE),
  patience: PATIENCE,
  report: (costMicroUsdPerHour: number) => say({ kind: 'better', costMicroUsdPerHour }),
};
const answer = improveCluster(order, search, () => isOver(1));
say({ kind: 'answer', answer });
