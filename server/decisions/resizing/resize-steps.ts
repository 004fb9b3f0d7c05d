import type { TaskAction } from '../../../common/agent-protocol/index.ts';
import type { Plan, PlanStep } from '../../../common/contracts/index.ts';

type StepOf = Pick<PlanStep, 'wave' | 'kind' | 'node'>;

/** The steps of a resize: one pod, watched; then the template, watched. */
export const resizeSteps: readonly StepOf[] = (
  [
    [1, 'check'],
    [1, 'resize-pod'],
    [1, 'watch'],
    [2, 'check'],
    [2, 'resize-workload'],
    [2, 'watch'],
  ] as const
).map(([wave, kind]) => ({ wave, kind, node: null }));

/** The agent's task of a step that resizes; the way back has the sizes exchanged. */
export function resizeAction({ resize }: Plan, step: PlanStep): TaskAction | undefined {
  if (!resize) return undefined;
  const containers =
    step.undoes === undefined
      ? resize.containers
      : resize.containers.map(({ name, now, after }) => ({ name, now: after, after: now }));
  if (step.kind === 'resize-pod') return step.pod && { kind: 'resize-pod', pod: step.pod, containers };
  if (step.kind !== 'resize-workload') return undefined;
  const { kind, namespace, name, uid } = resize.workload;
  return { kind: 'resize-workload', workload: { kind, namespace, name, uid }, containers };
}

/** Resizes that began and that nothing takes back yet, the last first. */
export function resizesToTakeBack({ steps }: Plan): PlanStep[] {
  return steps
    .filter(
      step =>
        (step.kind === 'resize-pod' || step.kind === 'resize-workload') &&
        step.undoes === undefined &&
        step.startedAt !== null &&
        (step.kind === 'resize-workload' || step.pod !== undefined) &&
        !steps.some(({ undoes }) => undoes === step.index),
    )
    .toReversed();
}

/** How a resize that came to its end is told. */
export function resizedWords({ resize }: Plan): string {
  const { kind, namespace, name } = resize?.workload ?? { kind: '', namespace: '', name: '' };
  return `${kind} ${namespace}/${name} has its new sizes, and its pods ran well with them.`;
}

/** What became of a resize that did not come to its end. */
export function resizeEndWords({ resize, steps }: Plan): string {
  const back = steps.filter(
    step => step.undoes !== undefined && step.state === 'done' && step.kind.startsWith('resize-'),
  );
  if (back.length === 0) return 'Nothing was changed.';
  const whole = back.some(({ kind }) => kind === 'resize-workload');
  const { kind = '', namespace = '', name = '' } = resize?.workload ?? {};
  const pod = back.find(one => one.kind === 'resize-pod')?.pod;
  return whole
    ? `${kind} ${namespace}/${name} has its old sizes again.`
    : `Pod ${pod?.namespace}/${pod?.name} has its old sizes again; no other pod was touched.`;
}
