import type { OwnerChanges, Plan, PlanNode, PolicyDocument } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { poolKey } from '../../../common/units/index.ts';
import { SPOT_PRODUCT } from '../engines/spot/spot-candidates.ts';
import type { FleetBill } from '../fleet-bill.ts';
import { loadForecasts } from '../load-forecasts.ts';
import type { ClusterControl, PriceForecasts, SchedulableCluster, TypeCatalog } from '../neighbours.ts';
import { openBill } from '../open-bill.ts';
import type { MachineCatalog } from '../snapshot/machine-market.ts';
import { ownerOf } from './handshake.ts';
import { offeringsIn } from './offerings.ts';
import { ownerChanges } from './owner-changes.ts';
import type { ComingNode, OwnedNode, OwnerInput, PaidType } from './owner-input.ts';

/** What the changes of plans are made from. */
export interface OwnerChangeParts {
  readonly clusters: Pick<ClusterControl, 'state' | 'summaries'>;
  readonly market: { readonly catalog: TypeCatalog['catalog'] & MachineCatalog };
  readonly forecasting: PriceForecasts;
  readonly policyOf: (clusterId: string) => Promise<PolicyDocument>;
  readonly clock: { now(): number };
}

/**
 * What a plan means for the owners of its nodes, by the cluster, the policy and the prices of now. Nothing is changed.
 * @throws AppError `cluster.away` where the cluster has not reported since the engine began
 */
export async function changesOfPlan(parts: OwnerChangeParts, plan: Plan): Promise<OwnerChanges> {
  const { clusters, market, forecasting, clock } = parts;
  const observed = clusters.state(plan.clusterId);
  if (!observed)
    throw new AppError('cluster.away', `The agent of cluster ${plan.clusterName} has not reported yet.`);
  const coming = plan.add.flatMap(one => comingNode(one) ?? []);
  const forecasts = await loadForecasts(observed, market, forecasting);
  const spotPriceOf = ({
    region,
    zone,
    instanceType,
  }: {
    region: string;
    zone: string;
    instanceType: string;
  }) =>
    forecasts.pools.get(poolKey({ region, availabilityZone: zone, instanceType, product: SPOT_PRODUCT }))
      ?.priceMicroUsdPerHour;
  const nodes = ownedNodes(observed, new Map(plan.remove.map(node => [node.uid, node])));
  const changes = ownerChanges({
    nodes,
    pods: observed.inventory.pods,
    nodePools: observed.scheduling.nodePools,
    nodeClaims: observed.scheduling.nodeClaims ?? [],
    coming,
    waiting: waitingPods(plan, observed),
    offerings: offeringsIn(zonesOf(observed), market.catalog, spotPriceOf, coming),
    paid:
      market.catalog.commitments() === null ? [] : paidTypes(nodes, observed, openBill(clusters, market, [])),
    policy: await parts.policyOf(plan.clusterId),
    nowMs: clock.now(),
  });
  const gone = plan.remove.filter(({ uid }) => !observed.nodes.some(node => node.uid === uid)).length;
  if (gone === 0) return changes;
  const note = `${gone} of the ${plan.remove.length} nodes that go ${gone === 1 ? 'is' : 'are'} no longer in the cluster.`;
  return { ...changes, notes: [note, ...changes.notes] };
}

function comingNode({ instanceType, zone, capacityType }: Plan['add'][number]): ComingNode | undefined {
  return capacityType === 'unknown' ? undefined : { instanceType, zone, capacityType };
}

function ownedNodes(observed: SchedulableCluster, leaving: ReadonlyMap<string, PlanNode>): OwnedNode[] {
  const views = new Map(observed.nodes.map(node => [node.uid, node]));
  return observed.inventory.nodes.map(inventory => {
    const view = views.get(inventory.uid);
    return {
      inventory,
      owner: ownerOf(inventory, observed),
      instanceType: view?.instanceType ?? null,
      zone: view?.zone ?? null,
      capacityType: view?.capacityType ?? 'unknown',
      isLeaving: leaving.has(inventory.uid),
      endedBy: leaving.get(inventory.uid)?.endedBy,
    };
  });
}

function zonesOf({ nodes }: SchedulableCluster): Map<string, string> {
  return new Map(
    nodes.flatMap(({ zone, region }) => (zone === null || region === null ? [] : [[zone, region] as const])),
  );
}

/** Pods that the plan puts onto nodes that come; those that are gone count with what they asked for. */
function waitingPods(plan: Plan, { inventory }: SchedulableCluster): OwnerInput['waiting'] {
  const keys = new Set(plan.add.map(({ key }) => key));
  const pods = new Map(inventory.pods.map(pod => [pod.uid, pod]));
  return plan.pods.flatMap(({ uid, to, requests }) => {
    if (to === null || !keys.has(to)) return [];
    const pod = pods.get(uid);
    const asked = pod?.requests ?? requests;
    return asked === null
      ? []
      : [{ ...asked, nodeSelector: pod?.nodeSelector ?? {}, tolerations: pod?.tolerations ?? [] }];
  });
}

/** What leaves the bill with all Karpenter's on-demand nodes of a type, one after the other. */
function paidTypes(nodes: readonly OwnedNode[], observed: SchedulableCluster, bill: FleetBill): PaidType[] {
  const owned = new Set(
    nodes
      .filter(({ owner, capacityType }) => owner.kind === 'karpenter' && capacityType === 'on-demand')
      .map(({ inventory }) => inventory.uid),
  );
  const priced = observed.nodes.flatMap(node => {
    const list = node.priceMicroUsdPerHour;
    const paid = owned.has(node.uid) ? bill.savedWithout(node) : undefined;
    if (list === null || paid === undefined || node.instanceType === null) return [];
    bill.remove(node.uid);
    return [{ instanceType: node.instanceType, list, paid: Math.max(0, paid) }];
  });
  return [...Map.groupBy(priced, ({ instanceType }) => instanceType)].map(([instanceType, own]) => ({
    instanceType,
    nodes: own.length,
    listMicroUsdPerHour: own.reduce((sum, { list }) => sum + list, 0) / own.length,
    paidMicroUsdPerHour: own.reduce((sum, { paid }) => sum + paid, 0) / own.length,
  }));
}
