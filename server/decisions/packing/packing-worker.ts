/** Entry of the packing thread: packs what it was started with, tells of every better packing, answers, ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadLinearSolver } from './linear-solver.ts';
import { packProblem } from './pack-problem.ts';
import type { PackingAnswer } from './packing-answer.ts';
import type { PackingProblem } from './problem.ts';
import type { ThreadLimits, ThreadMessage } from './run-thread.ts';

/** Steps without gain after which the search ends before its time. */
const PATIENCE = 40;

const startedAt = performance.now();
const { problem, seed, timeLimitMs, stop } = workerData as ThreadLimits & { problem: PackingProblem };
const flag = new Int32Array(stop);
const say = (message: ThreadMessage<PackingAnswer>) => parentPort?.postMessage(message);
const answer = packProblem(problem, {
  solve: await loadLinearSolver(),
  seed,
  shouldStop: () => Atomics.load(flag, 0) !== 0 || performance.now() - startedAt >= timeLimitMs,
  patience: PATIENCE,
  report: costMicroUsdPerHour => say({ kind: 'better', costMicroUsdPerHour }),
});
say({ kind: 'answer', answer });
