import { isDeepStrictEqual } from 'node:util';
import type { NodePoolFields } from '../../common/agent-protocol/index.ts';
import type { NodePoolObject } from '../../common/kubernetes/index.ts';
import { changeObject } from './change-object.ts';
import { keptByGit } from './git-tools.ts';
import type { TaskContext, TaskOutcome } from './task-outcome.ts';

/** Sets fields of a Karpenter NodePool, of the closed set that `NodePoolFields` is. */
export function changeNodePool(
  context: TaskContext,
  {
    pool,
    set,
  }: { readonly pool: { readonly name: string; readonly uid: string }; readonly set: NodePoolFields },
): Promise<TaskOutcome> {
  const name = `NodePool ${pool.name}`;
  return changeObject<NodePoolObject>(context, {
    name,
    path: `/apis/karpenter.sh/v1/nodepools/${encodeURIComponent(pool.name)}`,
    uid: pool.uid,
    aim: `has ${wordsOf(set)}`,
    refuse: ({ metadata }) => keptByGit(metadata, name),
    patch: current => patchOf(current, set),
  });
}

function patchOf({ spec = {} }: NodePoolObject, set: NodePoolFields): { spec: object } | undefined {
  const { limits, weight, budgets, consolidationPolicy, consolidateAfter } = set;
  const wanted = (value: unknown, now: unknown) =>
    value !== undefined && !isDeepStrictEqual(value, now ?? null);
  const disruption = {
    ...(wanted(budgets, spec.disruption?.budgets) ? { budgets } : {}),
    ...(wanted(consolidationPolicy, spec.disruption?.consolidationPolicy) ? { consolidationPolicy } : {}),
    ...(wanted(consolidateAfter, spec.disruption?.consolidateAfter) ? { consolidateAfter } : {}),
  };
  const otherLimits = Object.entries(limits ?? {}).filter(
    ([resource, quantity]) => (spec.limits?.[resource]?.toString() ?? null) !== quantity,
  );
  const change = {
    ...(otherLimits.length > 0 ? { limits: Object.fromEntries(otherLimits) } : {}),
    ...(wanted(weight, spec.weight) ? { weight } : {}),
    ...(Object.keys(disruption).length > 0 ? { disruption } : {}),
  };
  return Object.keys(change).length > 0 ? { spec: change } : undefined;
}

function wordsOf({ limits, ...rest }: NodePoolFields): string {
  const limitWords = Object.entries(limits ?? {}).map(([resource, quantity]) =>
    quantity === null ? `no limit of ${resource}` : `a limit of ${quantity} ${resource}`,
  );
  const others = Object.entries(rest).map(([field, value]) =>
    value === null ? `no ${field}` : `${field} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  return [...limitWords, ...others].join(', ');
}
