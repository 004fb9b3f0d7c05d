import type { ObjectList, PodObject } from '../../common/kubernetes/index.ts';
import { statusMessage } from '../kubernetes/kubernetes-api.ts';
import { errorText } from '../log.ts';
import { backoffMs, pause } from '../pause.ts';
import { type DrainVerdict, judgePods } from './drain-rules.ts';
import { type EvictionTry, tryEviction } from './evict-pod.ts';
import { callPatiently, findNode, patchNode, stepOf } from './node-steps.ts';
import type { PodRef } from './read-pod.ts';
import {
  done,
  failed,
  mayAct,
  overOutcome,
  refused,
  type TaskContext,
  type TaskOutcome,
} from './task-outcome.ts';

/** The node to drain, and whether emptyDir volumes may be lost. */
export interface DrainOrder {
  readonly node: { readonly name: string; readonly uid: string };
  readonly deleteLocalStorage: boolean;
}

const parallel = 3;
const lookEveryMs = 1_000;
/** To give a node back: others write to it a few times a minute, and an API that restarts is back in one. */
const mostTries = 10;

/**
 * Drains a node: checks every pod before anything is changed, cordons, evicts through the Eviction API three at a time,
 * and waits until the pods are gone. A pod that its budget holds is asked for again, while the others go on.
 *
 * A drain that fails, is refused or is cancelled after it cordoned takes that cordon back, so that it leaves no node
 * that nobody schedules to; a cordon that was there before it stays. Evicted pods are not brought back, their
 * controllers have done that. The agent uncordons in no other case by itself.
 */
export async function drainNode(context: TaskContext, order: DrainOrder): Promise<TaskOutcome> {
  const { record } = context;
  const { name, uid } = order.node;
  const begun = record.ownsCordon || record.begun;
  const found = await findNode(context, order.node);
  if (found.kind !== 'found') {
    const what =
      found.kind === 'gone' ? 'does not exist any more' : `is another one now (uid ${found.uid}, not ${uid})`;
    return begun ? done(`Node ${name} ${what}; its pods went with it.`) : refused(`Node ${name} ${what}.`);
  }
  const isCordoned = found.node.spec?.unschedulable === true;
  const step = stepOf(context, found);
  if (record.ownsCordon && !isCordoned && step !== undefined) {
    return failed(`Node ${name} was uncordoned by somebody else; ${evictedSoFar(context)}.`);
  }
  if (!begun) {
    const verdict = await judge(context, order);
    if (verdict.objections.length > 0) return refused(`Nothing was changed. ${verdict.objections.join(' ')}`);
    if (!mayAct(context)) return overOutcome(context, 'nothing was changed.');
    if (record.task.dryRun) return tryOut(context, verdict, order);
  }
  if (!isCordoned) {
    // An earlier start noted that it would, and came no further.
    if (!mayAct(context)) return overOutcome(context, 'nothing was changed.');
    const trouble = await cordon(context, order);
    if (trouble) return trouble;
  }
  // By this drain, or by a task before it.
  const own = record.ownsCordon || (isCordoned && found.note?.own === true);
  if (!record.begun) await context.taskLog.note(record, { begun: true });
  let outcome: TaskOutcome;
  try {
    outcome = await emptyNode(context, order, own);
  } catch (error) {
    outcome = failed(`${errorText(error)}; ${evictedSoFar(context)}.`);
  }
  if (outcome.state === 'done' || context.stopping.aborted) return outcome;
  return { ...outcome, detail: `${outcome.detail} ${await takeCordonBack(context, order)}`.trimEnd() };
}

async function cordon(context: TaskContext, { node }: DrainOrder): Promise<TaskOutcome | undefined> {
  // Before the patch, so that a kill between the two still knows whose cordon it is.
  await context.taskLog.note(context.record, { ownsCordon: true });
  const answer = await patchNode(context, node, { step: 'cordoned', unschedulable: true, own: true });
  if (answer.code === 200) return undefined;
  return failed(`Node ${node.name} could not be cordoned: ${statusMessage(answer)}`);
}

/** Rounds of looking, asking and waiting, until nothing is left that has to go. */
async function emptyNode(context: TaskContext, order: DrainOrder, own: boolean): Promise<TaskOutcome> {
  const { record, taskLog } = context;
  const blocked = new Map<string, string>();
  let said = '';
  for (let round = 0; ; round++) {
    const { evict, leaving, objections } = await judge(context, order);
    // What an earlier start asked for, and went before it could note that.
    const stays = new Set(evict.map(({ uid }) => uid));
    const went = record.asked.filter(({ uid }) => !stays.has(uid));
    if (went.length > 0) await taskLog.note(record, { evicted: went });
    if (objections.length > 0) return failed(`${evictedSoFar(context)}. ${objections.join(' ')}`);
    if (evict.length + leaving.length === 0) {
      if (mayAct(context)) await patchNode(context, order.node, { step: 'drained', own });
      return done(`Node ${order.node.name} is drained: ${evictedSoFar(context)}.`);
    }
    const retryAfter: number[] = [];
    let failure: string | undefined;
    blocked.clear();
    const fresh = evict.filter(pod => !record.asked.some(one => one.uid === pod.uid));
    // All at once: where notes go to the cluster, each is a request.
    if (fresh.length > 0 && mayAct(context)) await taskLog.note(record, { asked: fresh });
    await inTurn(evict, async pod => {
      if (failure !== undefined) return;
      const tried = await tryEviction(context, pod);
      if (tried.kind === 'failed') failure = tried.reason;
      if (tried.kind === 'blocked') {
        blocked.set(pod.uid, tried.reason);
        if (tried.retryAfterMs !== undefined) retryAfter.push(tried.retryAfterMs);
      }
    });
    const left = evict.filter(pod => !record.evicted.some(one => one.uid === pod.uid)).length;
    const words = progressWords(context, left, [...blocked.values()]);
    if (failure !== undefined) return failed(`${failure} ${words}.`);
    if (!mayAct(context)) return overOutcome(context, `${words}.`);
    if (words !== said) {
      await patchNode(context, order.node, { step: `evicted ${record.evicted.length}`, own });
      context.progress(words);
      said = words;
    }
    const delayMs = blocked.size === 0 ? lookEveryMs : backoffMs(round, lookEveryMs, 5_000, context.random);
    await pause(Math.max(delayMs, ...retryAfter), context.over);
  }
}

/** What a drain would do, with the API's own dry run for cordon and each eviction. */
async function tryOut(
  context: TaskContext,
  verdict: DrainVerdict,
  { node }: DrainOrder,
): Promise<TaskOutcome> {
  const answer = await patchNode(context, node, { step: 'cordoned', unschedulable: true });
  if (answer.code !== 200) return failed(`Node ${node.name} could not be cordoned: ${statusMessage(answer)}`);
  const tries: EvictionTry[] = [];
  await inTurn(verdict.evict, async pod => {
    tries.push(await tryEviction(context, pod));
  });
  const reasons = tries.flatMap(one => (one.kind === 'blocked' || one.kind === 'failed' ? [one.reason] : []));
  const free = tries.length - reasons.length;
  const waits = reasons.length === 0 ? '' : `; ${reasons.length} would wait for ${unique(reasons)}`;
  return done(`Dry run: ${free} of ${tries.length} pods would be evicted at once${waits}.`);
}

async function judge(context: TaskContext, { node, deleteLocalStorage }: DrainOrder): Promise<DrainVerdict> {
  const pods: PodObject[] = [];
  let next: string | undefined;
  do {
    const query = { fieldSelector: `spec.nodeName=${node.name}`, limit: 500, continue: next };
    const answer = await callPatiently(context, { method: 'GET', path: '/api/v1/pods', query });
    if (answer.code !== 200)
      throw new Error(`Pods of ${node.name} cannot be listed: ${statusMessage(answer)}`);
    const page = answer.body as ObjectList<PodObject>;
    pods.push(...(page.items ?? []));
    next = page.metadata?.continue || undefined;
  } while (next !== undefined);
  return judgePods(pods, deleteLocalStorage);
}

/**
 * Uncordons the node unless another task has had its say since: an agent that stood still past its deadline must not undo what its
 * successor did. The version that was looked at is a precondition, so that nothing comes between.
 */
async function takeCordonBack(context: TaskContext, { node }: DrainOrder): Promise<string> {
  if (!context.record.ownsCordon) return '';
  // Also past the deadline, and while the API is away: nobody else would give the node back.
  for (let tries = 1; ; tries++) {
    const tried = await tryUncordon(context, node);
    if (!tried.mayTryAgain) return tried.words;
    if (tries === mostTries || context.stopping.aborted)
      return `Node ${node.name} stays cordoned: ${tried.words}.`;
    await pause(backoffMs(tries, lookEveryMs, 10_000, context.random), context.stopping);
  }
}

async function tryUncordon(
  context: TaskContext,
  node: DrainOrder['node'],
): Promise<{ readonly words: string; readonly mayTryAgain: boolean }> {
  try {
    const found = await findNode(context, node);
    if (found.kind !== 'found') return { words: `Node ${node.name} is gone.`, mayTryAgain: false };
    if (stepOf(context, found) === undefined)
      return { words: `Node ${node.name} is left as another task has it.`, mayTryAgain: false };
    const { resourceVersion } = found.node.metadata ?? {};
    const answer = await patchNode(context, node, {
      step: 'uncordoned',
      unschedulable: false,
      resourceVersion,
    });
    if (answer.code === 200) return { words: `Node ${node.name} is uncordoned again.`, mayTryAgain: false };
    return { words: statusMessage(answer), mayTryAgain: true };
  } catch (error) {
    return { words: errorText(error), mayTryAgain: true };
  }
}

/** In order, `parallel` at a time. */
async function inTurn(pods: readonly PodRef[], step: (pod: PodRef) => Promise<void>): Promise<void> {
  const queue = pods.values();
  const worker = async () => {
    for (const pod of queue) await step(pod);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

function progressWords({ record }: TaskContext, left: number, reasons: readonly string[]): string {
  const evicted = record.evicted.length;
  return `${evicted} of ${evicted + left} pods evicted; waits for ${unique(reasons) || 'pods to end'}`;
}

function evictedSoFar({ record }: TaskContext): string {
  const count = record.evicted.length;
  return count === 1 ? '1 pod evicted' : `${count} pods evicted`;
}

function unique(reasons: readonly string[]): string {
  return [...new Set(reasons)].join(', ');
}
