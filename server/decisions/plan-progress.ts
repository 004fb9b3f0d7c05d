import type { Plan, PlanState, PlanStep } from '../../common/contracts/index.ts';

/** What a running plan needs next. */
export type NextMove =
  | { readonly kind: 'wait' }
  | { readonly kind: 'run'; readonly index: number }
  | { readonly kind: 'undo' }
  | { readonly kind: 'end'; readonly state: PlanState; readonly outcome: string };

/** The steps of a fresh plan. */
export function freshSteps(): PlanStep[] {
  return (['cordon', 'drain', 'delete-node'] as const).map((kind, index) => freshStep(kind, index));
}

/** The plan with one step changed. */
export function withStep(plan: Plan, index: number, change: Partial<PlanStep>): Plan {
  return { ...plan, steps: plan.steps.map(step => (step.index === index ? { ...step, ...change } : step)) };
}

/** The plan with an uncordon step behind what was done; steps that never began are skipped. */
export function withUndo(plan: Plan): Plan {
  const steps = plan.steps.map(step =>
    step.state === 'waiting' ? { ...step, state: 'skipped' as const } : step,
  );
  return { ...plan, steps: [...steps, freshStep('uncordon', steps.length)] };
}

/**
 * What comes next, from the steps alone, so that an engine that starts again goes on where the last one was.
 * `nodeStands`: whether the node is still in the cluster.
 */
export function nextMove(plan: Plan, nodeStands: boolean): NextMove {
  const undo = plan.steps.find(step => step.kind === 'uncordon');
  const broken = plan.steps.find(
    step => step.kind !== 'uncordon' && (step.state === 'failed' || step.state === 'skipped'),
  );
  const began = plan.steps.some(step => step.startedAt !== null);
  const isStopping = plan.state === 'stopping';

  if (plan.steps.some(step => step.state === 'running')) return { kind: 'wait' };
  if (plan.steps.find(step => step.kind === 'delete-node')?.state === 'done') {
    const late = isStopping ? ' The stop came too late to keep it.' : '';
    return {
      kind: 'end',
      state: 'succeeded',
      outcome: `Node ${plan.node.name} was drained and removed; its ${plan.pods.length} pods run elsewhere.${late}`,
    };
  }
  if (undo?.state === 'waiting') return { kind: 'run', index: undo.index };
  if (broken || isStopping) {
    const why = isStopping
      ? stoppedWords(plan)
      : `Step ${broken?.kind} failed: ${broken?.detail ?? 'no reason was given'}.`;
    const state: PlanState = isStopping ? 'stopped' : 'failed';
    if (undo?.state === 'failed' && nodeStands) {
      return {
        kind: 'end',
        state: 'failed',
        outcome: `${why} Uncordon failed too (${undo.detail}); node ${plan.node.name} may still be cordoned: kubectl uncordon ${plan.node.name}.`,
      };
    }
    if (undo) return { kind: 'end', state, outcome: `${why} ${undoneWords(plan, nodeStands)}` };
    if (began && nodeStands) return { kind: 'undo' };
    return {
      kind: 'end',
      state,
      outcome: `${why} ${nodeStands ? 'Nothing was changed.' : `Node ${plan.node.name} is gone.`}`,
    };
  }
  const next = plan.steps.find(step => step.state === 'waiting');
  return next ? { kind: 'run', index: next.index } : { kind: 'wait' };
}

function freshStep(kind: PlanStep['kind'], index: number): PlanStep {
  return { index, kind, taskId: null, state: 'waiting', startedAt: null, endedAt: null, detail: null };
}

function stoppedWords(plan: Plan): string {
  const done = plan.steps
    .filter(step => step.state === 'done' && step.kind !== 'uncordon')
    .map(step => step.kind);
  return done.length === 0 ? 'Stopped before any step was done.' : `Stopped after ${done.join(' and ')}.`;
}

function undoneWords(plan: Plan, nodeStands: boolean): string {
  return nodeStands
    ? `Node ${plan.node.name} was uncordoned and takes pods again.`
    : `Node ${plan.node.name} is gone.`;
}
