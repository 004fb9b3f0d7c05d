import type { Plan, PlanNode, PlanState, PlanStep } from '../../common/contracts/index.ts';

/** What a running plan needs next. */
export type NextMove =
  | { readonly kind: 'wait' }
  | { readonly kind: 'run'; readonly index: number }
  | { readonly kind: 'undo' }
  | { readonly kind: 'end'; readonly state: PlanState; readonly outcome: string };

type NodeRef = PlanStep['node'];

/**
 * The steps of a fresh plan. Within a wave every node is cordoned before the first is drained, so that no pod moves to a node that
 * goes next.
 */
export function freshSteps(waves: readonly (readonly PlanNode[])[]): PlanStep[] {
  const steps = waves.flatMap((nodes, place) => [
    ...nodes.map(node => ({ wave: place + 1, kind: 'cordon' as const, node })),
    ...nodes.flatMap(node => [
      { wave: place + 1, kind: 'drain' as const, node },
      { wave: place + 1, kind: 'delete-node' as const, node },
    ]),
  ]);
  return steps.map(({ wave, kind, node: { name, uid } }, index) =>
    freshStep({ index, wave, kind, node: { name, uid } }),
  );
}

/** The plan with one step changed. */
export function withStep(plan: Plan, index: number, change: Partial<PlanStep>): Plan {
  return { ...plan, steps: plan.steps.map(step => (step.index === index ? { ...step, ...change } : step)) };
}

/** The plan with an uncordon step for each node that it cordoned and that still stands; steps that never began are skipped. */
export function withUndo(plan: Plan, stands: (uid: string) => boolean): Plan {
  const steps = plan.steps.map(step =>
    step.state === 'waiting' ? { ...step, state: 'skipped' as const } : step,
  );
  const wave = Math.max(0, ...steps.map(step => step.wave));
  const undo = nodesToGiveBack(plan, stands).map((node, place) =>
    freshStep({ index: steps.length + place, wave, kind: 'uncordon', node }),
  );
  return { ...plan, steps: [...steps, ...undo] };
}

/**
 * What comes next, from the steps alone, so that an engine that starts again goes on where the last one was.
 * @param stands whether the node with this uid is still in the cluster
 */
export function nextMove(plan: Plan, stands: (uid: string) => boolean): NextMove {
  const forward = plan.steps.filter(step => step.kind !== 'uncordon');
  const undo = plan.steps.filter(step => step.kind === 'uncordon');
  const broken = forward.find(step => step.state === 'failed' || step.state === 'skipped');
  const isStopping = plan.state === 'stopping';

  if (plan.steps.some(step => step.state === 'running')) return { kind: 'wait' };
  if (forward.every(step => step.state === 'done')) {
    const late = isStopping
      ? ` The stop came too late to keep ${plan.remove.length === 1 ? 'it' : 'them'}.`
      : '';
    return { kind: 'end', state: 'succeeded', outcome: `${removedWords(plan, plan.remove)}${late}` };
  }
  const nextUndo = undo.find(step => step.state === 'waiting');
  if (nextUndo) return { kind: 'run', index: nextUndo.index };
  if (broken || isStopping) {
    if (undo.length === 0 && nodesToGiveBack(plan, stands).length > 0) return { kind: 'undo' };
    const why = isStopping
      ? stoppedWords(plan)
      : `${stepWords(plan, broken)} failed: ${broken?.detail ?? 'no reason was given'}.`;
    const state: PlanState = isStopping ? 'stopped' : 'failed';
    const stuck = undo.filter(step => step.state === 'failed' && stands(step.node.uid));
    return stuck.length > 0
      ? { kind: 'end', state: 'failed', outcome: `${why} ${stuckWords(stuck)}` }
      : { kind: 'end', state, outcome: `${why} ${leftWords(plan, stands)}` };
  }
  const next = forward.find(step => step.state === 'waiting');
  return next ? { kind: 'run', index: next.index } : { kind: 'wait' };
}

function freshStep(step: Pick<PlanStep, 'index' | 'wave' | 'kind' | 'node'>): PlanStep {
  return { ...step, taskId: null, state: 'waiting', startedAt: null, endedAt: null, detail: null };
}

/** Nodes of which a cordon began, that still stand, and that nothing gives back yet. */
function nodesToGiveBack({ steps }: Plan, stands: (uid: string) => boolean): NodeRef[] {
  return steps
    .filter(step => step.kind === 'cordon' && step.startedAt !== null)
    .map(({ node }) => node)
    .filter(
      ({ uid }) => stands(uid) && !steps.some(step => step.kind === 'uncordon' && step.node.uid === uid),
    );
}

function removedNodes(plan: Plan): PlanNode[] {
  return plan.remove.filter(({ uid }) =>
    plan.steps.some(step => step.kind === 'delete-node' && step.state === 'done' && step.node.uid === uid),
  );
}

function removedWords(plan: Plan, nodes: readonly PlanNode[]): string {
  if (nodes.length < plan.remove.length)
    return `${named(nodes)} ${nodes.length === 1 ? 'was' : 'were'} drained and removed before that.`;
  return `${named(nodes)} ${nodes.length === 1 ? 'was' : 'were'} drained and removed; ${nodes.length === 1 ? 'its' : 'their'} ${plan.pods.length} pods run elsewhere.`;
}

function stoppedWords(plan: Plan): string {
  const done = plan.steps.filter(step => step.state === 'done' && step.kind !== 'uncordon');
  if (done.length === 0) return 'Stopped before any step was done.';
  return `Stopped after ${done.map(step => (plan.remove.length === 1 ? step.kind : `${step.kind} of ${step.node.name}`)).join(' and ')}.`;
}

function stepWords(plan: Plan, step: PlanStep | undefined): string {
  return plan.remove.length === 1 ? `Step ${step?.kind}` : `Step ${step?.kind} of ${step?.node.name}`;
}

function stuckWords(steps: readonly PlanStep[]): string {
  return steps
    .map(
      ({ node, detail }) =>
        `Uncordon failed too (${detail}); node ${node.name} may still be cordoned: kubectl uncordon ${node.name}.`,
    )
    .join(' ');
}

/** What became of the nodes of a plan that did not come to its end. */
function leftWords(plan: Plan, stands: (uid: string) => boolean): string {
  const removed = removedNodes(plan);
  const back = plan.steps
    .filter(step => step.kind === 'uncordon' && stands(step.node.uid))
    .map(({ node }) => node);
  const gone = plan.remove.filter(({ uid }) => !stands(uid) && !removed.some(node => node.uid === uid));
  const words = [
    ...(removed.length > 0 ? [removedWords(plan, removed)] : []),
    ...(back.length > 0
      ? [
          `${named(back)} ${back.length === 1 ? 'was uncordoned and takes' : 'were uncordoned and take'} pods again.`,
        ]
      : []),
    ...(gone.length > 0 ? [`${named(gone)} ${gone.length === 1 ? 'is' : 'are'} gone.`] : []),
  ];
  return words.length > 0 ? words.join(' ') : 'Nothing was changed.';
}

function named(nodes: readonly { readonly name: string }[]): string {
  return `${nodes.length === 1 ? 'Node' : 'Nodes'} ${nodes.map(({ name }) => name).join(', ')}`;
}
