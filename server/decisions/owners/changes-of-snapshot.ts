import type { OwnerChanges, PackingPlan, PolicyDocument } from '../../../common/contracts/index.ts';
import { nodeFacts, nodeOwner } from '../../clusters/index.ts';
import type { MachineCatalog, MachineMarket } from '../snapshot/machine-market.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { offeringsIn } from './offerings.ts';
import { ownerChanges } from './owner-changes.ts';
import type { ComingNode } from './owner-input.ts';

/**
 * What the plan for a snapshot means for the owners of its nodes. What is paid beside list prices is in no snapshot, so it proposes no
 * NodeOverlays.
 * @param nowMs ms UTC, for the hours of the policy
 */
export function changesOfSnapshot(
  snapshot: Snapshot,
  plan: Pick<PackingPlan, 'nodes' | 'moves'>,
  catalog: MachineCatalog,
  market: Pick<MachineMarket, 'priceOf'>,
  policy: PolicyDocument,
  nowMs: number,
): OwnerChanges {
  const { nodePools, nodeClaims = [] } = snapshot;
  const leaving = new Set(plan.nodes.remove.map(({ name }) => name));
  const nodes = snapshot.nodes.map(inventory => {
    const { instanceType, zone, capacityType } = nodeFacts(inventory);
    const isLeaving = leaving.has(inventory.name);
    return {
      inventory,
      owner: nodeOwner(inventory, nodeClaims),
      instanceType,
      zone,
      capacityType,
      isLeaving,
    };
  });
  const coming = plan.nodes.add.flatMap(machine => comingNode(machine) ?? []);
  const zones = snapshot.nodes.flatMap(inventory => {
    const { zone, region } = nodeFacts(inventory);
    return zone === null || region === null ? [] : [[zone, region] as const];
  });
  const spotPriceOf = (place: { region: string; zone: string; instanceType: string }) => {
    const price = market.priceOf({ ...place, capacityType: 'spot' });
    return 'microUsdPerHour' in price ? price.microUsdPerHour : undefined;
  };
  return ownerChanges({
    nodes,
    pods: snapshot.pods,
    nodePools,
    nodeClaims,
    coming,
    waiting: waitingPods(snapshot, plan),
    offerings: offeringsIn(new Map(zones), catalog, spotPriceOf, coming),
    paid: [],
    policy,
    nowMs,
  });
}

function comingNode({
  instanceType,
  zone,
  capacityType,
}: PackingPlan['nodes']['add'][number]): ComingNode | undefined {
  if (instanceType === null || zone === null) return undefined;
  if (capacityType !== 'spot' && capacityType !== 'on-demand') return undefined;
  return { instanceType, zone, capacityType };
}

function waitingPods({ pods }: Snapshot, { nodes, moves }: Pick<PackingPlan, 'nodes' | 'moves'>) {
  const added = new Set(nodes.add.map(({ name }) => name));
  const byKey = new Map(pods.map(pod => [`${pod.namespace}/${pod.name}`, pod]));
  return moves.flatMap(({ pod: key, to }) => {
    const pod = added.has(to) ? byKey.get(key) : undefined;
    return pod === undefined
      ? []
      : [{ ...pod.requests, nodeSelector: pod.nodeSelector, tolerations: pod.tolerations }];
  });
}
