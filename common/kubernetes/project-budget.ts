import type { InventoryBudget } from '../agent-protocol/index.ts';
import type { BudgetObject } from './kubernetes-objects.ts';

/** A PodDisruptionBudget as the server gets it; a limit is text, `2` or `50%`. */
export function projectBudget(budget: BudgetObject): InventoryBudget {
  const { metadata = {}, spec = {}, status = {} } = budget;
  const { matchLabels, matchExpressions } = spec.selector ?? {};
  return {
    kind: 'PodDisruptionBudget',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    selector: {
      ...(matchLabels === undefined ? {} : { matchLabels: { ...matchLabels } }),
      ...(matchExpressions === undefined
        ? {}
        : {
            matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
              key,
              operator,
              ...(values === undefined ? {} : { values: [...values] }),
            })),
          }),
    },
    minAvailable: spec.minAvailable === undefined ? null : String(spec.minAvailable),
    maxUnavailable: spec.maxUnavailable === undefined ? null : String(spec.maxUnavailable),
    disruptionsAllowed: status.disruptionsAllowed ?? 0,
    currentHealthy: status.currentHealthy ?? 0,
    desiredHealthy: status.desiredHealthy ?? 0,
    expectedPods: status.expectedPods ?? 0,
  };
}
