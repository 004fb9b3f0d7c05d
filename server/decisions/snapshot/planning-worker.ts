/** Entry of the planning thread: takes one order after the other, tells of every better packing, answers. */
import { parentPort } from 'node:worker_threads';
import { repackAnswer } from '../engines/bin-packing/repack-answer.ts';
import { loadLinearSolver } from '../packing/linear-solver.ts';
import { arrangeSnapshot } from './arrange-snapshot.ts';
import {
  type FromPlanner,
  type PartMessage,
  type PlanningAnswer,
  type PlanningLimits,
  type PlanningOrder,
  putTogether,
  type ToPlanner,
  takeApart,
} from './planning-orders.ts';
import { writePlan } from './write-plan.ts';

/** Steps without gain after which the search ends before its time. */
const PATIENCE = 40;

const loading = loadLinearSolver();
let received: PartMessage[] = [];
let unsent: FromPlanner[] = [];
const say = (message: FromPlanner | undefined) => message && parentPort?.postMessage(message);

parentPort?.on('message', async (message: ToPlanner) => {
  if (message.kind === 'part') received.push(message);
  else if (message.kind === 'next') say(unsent.shift());
  else {
    const snapshot = putTogether(message.order.snapshot, received);
    received = [];
    const answer = await answerTo({ ...message.order, snapshot }, message.limits);
    const { rest, parts } = takeApart(answer);
    unsent = [...parts, { kind: 'answer', answer: rest }];
    say(unsent.shift());
  }
});

async function answerTo(
  order: PlanningOrder,
  { seed, untilMs, stop }: PlanningLimits,
): Promise<PlanningAnswer> {
  const flag = new Int32Array(stop);
  const arranged = arrangeSnapshot(order, {
    solve: await loading,
    seed,
    patience: PATIENCE,
    report: costMicroUsdPerHour => say({ kind: 'better', costMicroUsdPerHour }),
    timeLeftMs: () => Math.max(0, untilMs - performance.timeOrigin - performance.now()),
    isStopped: () => Atomics.load(flag, 0) !== 0,
  });
  return order.task === 'plan' ? writePlan(arranged) : repackAnswer(arranged, order.nodes, order.policy);
}
