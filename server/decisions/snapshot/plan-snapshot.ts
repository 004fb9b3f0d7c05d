import type { PackingPlan } from '../../../common/contracts/index.ts';
import type { DecisionPolicy } from '../policy.ts';
import type { MachineMarket } from './machine-market.ts';
import { askPlanner, type PlanningOptions } from './planning-threads.ts';
import { quoteMachines } from './quote-machines.ts';
import type { Snapshot } from './snapshot.ts';
import { unchangedPlan } from './write-plan.ts';

/**
 * The cheapest nodes for a cluster as a snapshot shows it: nothing is guessed that it does not say, and what is unknown stays.
 * The same snapshot and seed give the same plan unless time runs out; then it is the best so far, if need be that nothing changes.
 */
export async function planSnapshot(
  snapshot: Snapshot,
  market: MachineMarket,
  policy: DecisionPolicy,
  options: PlanningOptions,
): Promise<PackingPlan> {
  const machines = quoteMachines(snapshot.nodes, market);
  const order = { snapshot, machines, policy, prefersWholeNodes: false, task: 'plan' } as const;
  const plan = await askPlanner(order, options);
  if (plan) return plan;
  const nodes = snapshot.nodes.map(({ name }) => ({ name, ...machines.nodes.get(name) }));
  const pending = snapshot.pods.filter(({ nodeName }) => nodeName === null);
  return unchangedPlan(
    nodes.flatMap(({ name, price }) => (price ? [{ name, price }] : [])),
    pending.map(({ namespace, name }) => `Pod/${namespace}/${name}`),
    snapshot.warnings,
  );
}
