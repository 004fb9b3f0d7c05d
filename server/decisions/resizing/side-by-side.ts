import type { Plan } from '../../../common/contracts/index.ts';
import { budgetsOf } from '../budgets-of-pod.ts';
import type { ObservedCluster } from '../neighbours.ts';
import { podsOfResize } from './pods-of-resize.ts';

/**
 * Why a resize has to wait for others that run, in words; `undefined` where it may begin beside them. Resizes run side by side up to a
 * number, never two of one workload, nor two of workloads whose pods share a PodDisruptionBudget: a trouble of one would hold up the
 * other, and nobody could tell whose it is.
 */
export function waitsForResizes(
  plan: Pick<Plan, 'resize'>,
  running: readonly Pick<Plan, 'resize'>[],
  observed: Pick<ObservedCluster, 'inventory'>,
  most: number,
): string | undefined {
  const { resize } = plan;
  if (!resize || running.length === 0) return undefined;
  if (running.length >= most)
    return `${running.length} ${running.length === 1 ? 'resize is' : 'resizes are'} under way, and the policy lets no more run at once.`;
  const mine = budgetKeys(resize, observed);
  for (const { resize: other } of running) {
    if (!other) continue;
    const { kind, namespace, name } = other.workload;
    const theirs = budgetKeys(other, observed);
    const shared = [...mine].find(key => theirs.has(key));
    const isSame = other.workload.key === resize.workload.key;
    if (isSame || shared !== undefined)
      return `the resize of ${kind} ${namespace}/${name} is under way${isSame ? '' : `, and PodDisruptionBudget ${shared} covers both`}.`;
  }
  return undefined;
}

function budgetKeys(
  resize: NonNullable<Plan['resize']>,
  observed: Pick<ObservedCluster, 'inventory'>,
): Set<string> {
  const { budgets } = observed.inventory;
  return new Set(
    podsOfResize(resize, observed).flatMap(pod =>
      budgetsOf(pod, budgets).map(({ namespace, name }) => `${namespace}/${name}`),
    ),
  );
}
