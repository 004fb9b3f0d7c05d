import type { ClusterSummary, Model, Plan } from '../../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../../common/units/index.ts';

/** What is wrong, worst first, one short sentence each. */
export function attentionOf(
  clusters: readonly ClusterSummary[],
  plans: readonly Plan[],
  models: readonly Model[],
): string[] {
  const away = clusters.filter(({ state }) => state === 'away').map(({ name }) => `Agent of ${name} is away`);
  const newest = plans.reduce((time, plan) => Math.max(time, plan.changedAt), 0);
  const failed = plans
    .filter(plan => plan.state === 'failed' && newest - plan.changedAt < MS_PER_DAY)
    .map(({ title }) => `Failed: ${title}`);
  const faulty = models
    .filter(({ state }) => state === 'faulty')
    .map(({ manifest }) => `Model ${manifest.name} is faulty`);
  const pending = clusters
    .filter(({ pendingPods }) => pendingPods > 0)
    .map(({ name, pendingPods }) => `${pendingPods} pods pending in ${name}`);
  return [...away, ...failed, ...faulty, ...pending];
}
