import type { Plan, PlanStep } from '../../common/contracts/index.ts';

type NodeRef = NonNullable<PlanStep['node']>;

/**
 * Nodes that a plan shut and did not open since, by uid, whether the cordon is known to have had its effect or not. What takes a plan back is
 * not looked at.
 */
export function shutBy({ steps }: Pick<Plan, 'steps'>): ReadonlyMap<string, NodeRef> {
  const shut = new Map<string, NodeRef>();
  for (const { kind, node, state, startedAt } of steps) {
    if (!node) continue;
    if (kind === 'cordon' && startedAt !== null) shut.set(node.uid, node);
    else if (kind === 'release' && state === 'done') shut.delete(node.uid);
  }
  return shut;
}

/** Nodes that a plan keeps shut for this wave and those after it. */
export function shutAhead(plan: Pick<Plan, 'steps'>, wave: number): NodeRef[] {
  const later = new Set(
    plan.steps.flatMap(step =>
      step.kind === 'drain' && step.wave >= wave && step.state === 'waiting' ? (step.node?.uid ?? []) : [],
    ),
  );
  return [...shutBy(plan).values()].filter(({ uid }) => later.has(uid));
}

/**
 * The plan with the nodes that are shut ahead opened before a wave that may not begin for now, and shut again when it does: nothing says
 * how long that is. Steps before the wave keep their places, which orders of instances go by.
 * @param fresh makes a step that waits
 */
export function withNodesOpened(
  plan: Plan,
  wave: number,
  fresh: (step: Pick<PlanStep, 'index' | 'wave' | 'kind' | 'node'>) => PlanStep,
): Plan {
  const nodes = shutAhead(plan, wave);
  const { steps } = plan;
  const checks = steps.filter(step => step.kind === 'check' && step.wave === wave);
  const [first, last] = [checks[0]?.index, checks.at(-1)?.index];
  if (nodes.length === 0 || first === undefined || last === undefined) return plan;
  const made = (kind: 'release' | 'cordon') => nodes.map(node => fresh({ index: 0, wave, kind, node }));
  const all = [
    ...steps.slice(0, first),
    ...made('release'),
    ...steps.slice(first, last + 1),
    ...made('cordon'),
    ...steps.slice(last + 1),
  ];
  return { ...plan, steps: all.map((step, index) => ({ ...step, index })) };
}
