import type { Plan, PlanNode, PlanState, PlanStep } from '../../common/contracts/index.ts';
import type { EndOrder } from './ending/node-end.ts';
import { podsThatMakeRoom, type RoomOrder, roomSteps } from './making-room/room-steps.ts';
import {
  endWords,
  lingeringWords,
  named,
  roomWords,
  stayingWords,
  stoppedWords,
  stuckWords,
} from './plan-outcome.ts';
import { resizedWords, resizeSteps, resizesToTakeBack } from './resizing/resize-steps.ts';
import { shutBy } from './shut-ahead.ts';

/** What a running plan needs next. `poll`: the engine itself is at work on the step, and looks how far it is. */
export type NextMove =
  | { readonly kind: 'wait' }
  | { readonly kind: 'run'; readonly index: number }
  | { readonly kind: 'poll'; readonly index: number }
  | { readonly kind: 'undo' }
  | { readonly kind: 'end'; readonly state: PlanState; readonly outcome: string };

/** What the steps alone do not say. */
export interface ClusterFacts {
  /** Whether the node with this uid is still in the cluster. */
  stands(uid: string): boolean;
  /** Whether a drain disturbs nothing that those under way disturb. */
  mayJoin(drain: PlanStep, underWay: readonly PlanStep[]): boolean;
  /** Whether the pod with this uid is still in the cluster. */
  hasPod(uid: string): boolean;
  /** The node that an instance became, and whether pods run on it that every node does not have. */
  nodeOf(instanceId: string): { readonly node: NodeRef; readonly isUsed: boolean } | undefined;
}

/** What is done at once: nodes that go, pods that leave nodes that stay, and places in `add` of the nodes that are ordered before. */
export interface FreshWave {
  readonly remove: readonly PlanNode[];
  readonly order: readonly number[];
  readonly room?: RoomOrder;
  /** Instances that the engine ends, by uid of their node. */
  readonly ends?: ReadonlyMap<string, EndOrder>;
}

type NodeRef = NonNullable<PlanStep['node']>;

/**
 * The steps of a fresh plan. A wave begins with a look at the cluster, and with another one when the nodes that it ordered are ready;
 * every node that goes, in whatever wave, is cordoned before the first pod leaves, so that none moves onto a node that goes later and once more with it. An instance is ended while
 * its Node object stands: if that fails, the node can still be given back.
 */
export function freshSteps(waves: readonly FreshWave[]): PlanStep[] {
  const steps = waves.flatMap(({ remove, order, room, ends }, place) => {
    const wave = place + 1;
    const { cordons, moves } = roomSteps(room ?? []);
    const check = { wave, kind: 'check' as const, node: null };
    return [
      check,
      ...order.map(target => ({ wave, kind: 'add-node' as const, node: null, target })),
      ...order.map(target => ({ wave, kind: 'wait-ready' as const, node: null, target })),
      ...(order.length > 0 ? [check] : []),
      ...(place === 0 ? waves.flatMap(one => one.remove) : []).map(node => ({
        wave,
        kind: 'cordon' as const,
        node: refOf(node),
      })),
      ...[...cordons, ...moves].map(step => ({ wave, ...step })),
      ...remove.flatMap(node => [
        { wave, kind: 'drain' as const, node: refOf(node) },
        ...[ends?.get(node.uid) ?? []]
          .flat()
          .map(end => ({ wave, kind: 'end-instance' as const, node: refOf(node), ...end })),
        { wave, kind: 'delete-node' as const, node: refOf(node) },
      ]),
    ];
  });
  return steps.map((step, index) => freshStep({ ...step, index }));
}

/** The steps of a fresh plan of kind `resize`. */
export function freshResizeSteps(): PlanStep[] {
  return resizeSteps.map((step, index) => freshStep({ ...step, index }));
}

/** The plan with one step changed. */
export function withStep(plan: Plan, index: number, change: Partial<PlanStep>): Plan {
  return { ...plan, steps: plan.steps.map(step => (step.index === index ? { ...step, ...change } : step)) };
}

/**
 * The plan with the steps of nodes and pods that went by themselves done: nobody began them. Whether the instance of a node went too is
 * looked at in its turn.
 */
export function withGone(plan: Plan, uids: readonly string[], nowMs: number): Plan {
  if (uids.length === 0) return plan;
  const gone = new Set(uids);
  return {
    ...plan,
    steps: plan.steps.map(step => {
      if (step.state !== 'waiting' || step.kind === 'end-instance') return step;
      const { node, pod } = step;
      if (node && gone.has(node.uid))
        return { ...step, state: 'done', endedAt: nowMs, detail: `Node ${node.name} was gone already.` };
      if (pod && gone.has(pod.uid))
        return { ...step, state: 'done', endedAt: nowMs, detail: `Pod ${pod.name} had left already.` };
      return step;
    }),
  };
}

/**
 * The plan with steps that take back what it did: an uncordon for each node that it cordoned and that still stands, and the end of each
 * instance that it launched and nobody uses, and the old sizes of what it resized. A node that is ended is cordoned first, so that no pod comes between the look and the end. Steps
 * that never began are skipped.
 */
export function withUndo(plan: Plan, facts: ClusterFacts): Plan {
  const steps = plan.steps.map(step =>
    step.state === 'waiting' ? { ...step, state: 'skipped' as const } : step,
  );
  const wave = Math.max(0, ...steps.map(step => step.wave));
  const undo = [
    ...nodesToGiveBack(plan, facts).map(node => ({ kind: 'uncordon' as const, node })),
    ...instancesToEnd(plan, facts).flatMap(({ index: undoes, instanceId }) => {
      const node = instanceId === undefined ? undefined : facts.nodeOf(instanceId)?.node;
      const end = {
        kind: 'terminate' as const,
        node: node ?? null,
        undoes,
        ...(instanceId ? { instanceId } : {}),
      };
      return node ? [{ kind: 'cordon' as const, node, undoes }, end] : [end];
    }),
    ...resizesToTakeBack(plan).map(({ index: undoes, kind, pod }) => ({
      kind,
      node: null,
      undoes,
      ...(pod ? { pod } : {}),
    })),
  ];
  return {
    ...plan,
    steps: [
      ...steps,
      ...undo.map((step, place) => freshStep({ ...step, wave, index: steps.length + place })),
    ],
  };
}

/** Steps that the engine does itself; all others are tasks of the agent. */
export function isOfEngine({ kind }: Pick<PlanStep, 'kind'>): boolean {
  return ['check', 'add-node', 'wait-ready', 'settle', 'end-instance', 'terminate', 'watch'].includes(kind);
}

/** Steps that take others back. */
export function isUndo({ kind, undoes }: Pick<PlanStep, 'kind' | 'undoes'>): boolean {
  return kind === 'uncordon' || undoes !== undefined;
}

/** Whether a step has to be done in any case: the Node object of an instance that was ended is of no use to anybody. */
export function isDue({ steps }: Plan, { kind, node }: PlanStep): boolean {
  return (
    kind === 'delete-node' &&
    steps.some(one => one.kind === 'end-instance' && one.node?.uid === node?.uid && one.state === 'done')
  );
}

/** What comes next, from the steps alone, so that an engine that starts again goes on where the last one was. */
export function nextMove(plan: Plan, facts: ClusterFacts): NextMove {
  const forward = plan.steps.filter(step => !isUndo(step));
  const undo = plan.steps.filter(isUndo);
  const running = plan.steps.filter(step => step.state === 'running');
  const broken = forward.find(step => step.state === 'failed' || step.state === 'skipped');
  const isStopping = plan.state === 'stopping';

  const mine = running.find(isOfEngine);
  if (mine) return { kind: 'poll', index: mine.index };
  if (forward.every(step => step.state === 'done')) return succeeded(plan, isStopping);
  if (broken || isStopping) {
    // Drains that run beside the one that failed come to their own end first.
    if (running.length > 0) return { kind: 'wait' };
    const due = forward.find(step => step.state === 'waiting' && isDue(plan, step));
    if (due) return { kind: 'run', index: due.index };
    const next = undo.find(step => step.state === 'waiting');
    if (next) return { kind: 'run', index: next.index };
    const open = [
      ...nodesToGiveBack(plan, facts),
      ...instancesToEnd(plan, facts),
      ...resizesToTakeBack(plan),
    ];
    if (open.length > 0) return { kind: 'undo' };
    return endOf(plan, isStopping ? undefined : broken, undo, facts);
  }
  const next = forward.find(step => step.state === 'waiting' && mayBegin(step, forward, running, facts));
  return next ? { kind: 'run', index: next.index } : { kind: 'wait' };
}

/**
 * Whether a waiting step may begin. All is done in order, but a drain may run beside others of its wave that disturb nothing that it
 * disturbs, and instance and node go as soon as their own drain has ended.
 */
function mayBegin(
  step: PlanStep,
  forward: readonly PlanStep[],
  running: readonly PlanStep[],
  facts: ClusterFacts,
): boolean {
  const isDone = (one: PlanStep) => one.state === 'done';
  const before = forward.filter(one => one.index < step.index);
  const isOfNode = ({ kind }: PlanStep) => ['drain', 'end-instance', 'delete-node'].includes(kind);
  if (!isOfNode(step)) return before.every(isDone);
  if (!before.every(one => isDone(one) || (one.wave === step.wave && isOfNode(one)))) return false;
  if (step.kind !== 'drain') return before.every(one => one.node?.uid !== step.node?.uid || isDone(one));
  const drains = running.filter(({ kind }) => kind === 'drain');
  return drains.length === 0 || facts.mayJoin(step, drains);
}

function succeeded(plan: Plan, isStopping: boolean): NextMove {
  if (plan.resize) return { kind: 'end', state: 'succeeded', outcome: resizedWords(plan) };
  const late = isStopping
    ? ` The stop came too late to keep ${plan.remove.length === 1 ? 'it' : 'them'}.`
    : '';
  const verb = plan.remove.length === 1 ? 'was' : 'were';
  const whose = plan.remove.length === 1 ? 'its' : 'their';
  const room = podsThatMakeRoom(plan);
  const outcome = `${named(plan.remove)} ${verb} drained and removed; ${whose} ${plan.pods.length - room} pods run elsewhere.${roomWords(room)}${stayingWords(plan)}${lingeringWords(plan)}${late}`;
  return { kind: 'end', state: 'succeeded', outcome };
}

/** How a plan ends that was stopped (`broken` undefined), refused by the look before a wave, or failed at a step. */
function endOf(
  plan: Plan,
  broken: PlanStep | undefined,
  undo: readonly PlanStep[],
  { stands, hasPod }: ClusterFacts,
): NextMove {
  const stuck = undo.filter(
    step =>
      step.state === 'failed' &&
      (step.kind === 'terminate' ||
        step.kind === 'resize-workload' ||
        (step.kind === 'resize-pod' && step.pod && hasPod(step.pod.uid)) ||
        (step.kind === 'uncordon' && step.node && stands(step.node.uid))),
  );
  const why = broken ? brokenWords(plan, broken) : stoppedWords(plan);
  if (stuck.length > 0) return { kind: 'end', state: 'failed', outcome: `${why} ${stuckWords(stuck)}` };
  const state = !broken ? 'stopped' : broken.kind === 'check' ? 'stale' : 'failed';
  return { kind: 'end', state, outcome: `${why} ${endWords(plan, stands)}` };
}

function brokenWords(plan: Plan, { kind, wave, node, detail }: PlanStep): string {
  if (kind === 'check') {
    const isOnly = plan.steps.every(step => step.wave === wave);
    return isOnly ? (detail ?? '') : `Wave ${wave} was not begun: ${detail}`;
  }
  const step = plan.remove.length === 1 || !node ? `Step ${kind}` : `Step ${kind} of ${node.name}`;
  return `${step} failed: ${detail ?? 'no reason was given'}.`.replace('..', '.');
}

/** A step that waits. */
export function freshStep(
  step: Pick<PlanStep, 'index' | 'wave' | 'kind' | 'node' | 'target' | 'instanceId' | 'pod' | 'undoes'>,
): PlanStep {
  return { ...step, taskId: null, state: 'waiting', startedAt: null, endedAt: null, detail: null };
}

function refOf({ name, uid }: PlanNode): NodeRef {
  return { name, uid };
}

/**
 * Nodes of which a cordon began, that still stand, and that nothing gives back yet; not those whose instance is ended or was, nor those that
 * the plan deleted, of which the inventory may tell a moment longer, nor those that it uncordoned on its way.
 */
function nodesToGiveBack({ steps }: Plan, { stands }: ClusterFacts): NodeRef[] {
  const shut = new Map(shutBy({ steps }));
  const isOver = ({ kind, state }: PlanStep) =>
    kind === 'uncordon' ||
    ((kind === 'delete-node' || kind === 'end-instance') && state === 'done') ||
    (kind === 'terminate' && state !== 'skipped');
  for (const step of steps) if (step.node && isOver(step)) shut.delete(step.node.uid);
  return [...shut.values()].filter(({ uid }) => stands(uid));
}

/** Orders of instances that nothing takes back yet, unless pods use the node. */
function instancesToEnd({ steps }: Plan, { nodeOf }: ClusterFacts): PlanStep[] {
  return steps.filter(
    step =>
      step.kind === 'add-node' &&
      step.startedAt !== null &&
      !steps.some(({ undoes }) => undoes === step.index) &&
      !(step.instanceId !== undefined && nodeOf(step.instanceId)?.isUsed),
  );
}
