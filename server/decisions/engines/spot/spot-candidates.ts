import type { CatalogType, NodeView, Plan, Resources } from '../../../../common/contracts/index.ts';
import type { NodeOccupancy } from '../../node-occupancy.ts';
import type { DecisionPolicy } from '../../policy.ts';
import type { DecisionForecasts, PoolOutlook } from '../engine.ts';
import { expectedCost, isPrice, isRisk } from './expected-cost.ts';

/** A Spot pool that could take over a node's pods, and what that would cost. */
export interface SpotCandidate {
  readonly type: CatalogType;
  readonly outlook: PoolOutlook;
  readonly interruptionMaxPercentPerMonth: number;
  readonly cost: Plan['cost'];
}

/** Answer of `spotCandidates`. */
export interface SpotCandidates {
  /** Largest saving first; ties by type, then own zone first, then zone. */
  readonly candidates: readonly SpotCandidate[];
  /** Keys of pools with a price that were left out because their risk is unknown. */
  readonly unknownRisks: readonly string[];
}

/** The one product that nodes of Kubernetes run. */
export const SPOT_PRODUCT = 'Linux/UNIX';

export const BYTES_PER_MIB = 1_048_576;

const SAFE_SELECTOR_LABELS = new Set([
  'kubernetes.io/os',
  'beta.kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/arch',
]);
const ZONE_LABELS = [
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.ebs.csi.aws.com/zone',
];
const REGION_LABELS = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'];
const TYPE_LABELS = ['node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type'];

/** A node whose price, type and place are known. */
export type KnownNode = NodeView & {
  readonly instanceType: string;
  readonly zone: string;
  readonly region: string;
  readonly arch: string;
  readonly priceMicroUsdPerHour: number;
};

/** Every Spot pool that the node's pods fit into, whether it pays or not. */
export function spotCandidates(
  node: KnownNode,
  own: CatalogType,
  occupancy: NodeOccupancy,
  forecasts: DecisionForecasts,
  policy: DecisionPolicy,
): SpotCandidates {
  const types = new Map(
    forecasts.types
      .filter(type => type.arch === node.arch && type.gpuCount >= own.gpuCount && fits(type, occupancy.needs))
      .map(type => [type.instanceType, type]),
  );
  const elsewhere = policy.allowOtherZones && mayLeaveZone(occupancy);
  const asked = occupancy.moving.flatMap(pod =>
    Object.entries(pod.nodeSelector).filter(([label]) => !SAFE_SELECTOR_LABELS.has(label)),
  );
  const candidates: SpotCandidate[] = [];
  const unknownRisks: string[] = [];
  for (const [key, outlook] of forecasts.pools) {
    const { pool } = outlook;
    const type = types.get(pool.instanceType);
    if (!type || pool.product !== SPOT_PRODUCT || pool.region !== node.region) continue;
    if (pool.availabilityZone !== node.zone && !elsewhere) continue;
    // The pool that the node is in already is no move.
    if (
      node.capacityType === 'spot' &&
      pool.instanceType === node.instanceType &&
      pool.availabilityZone === node.zone
    )
      continue;
    if (!isPrice(outlook.priceMicroUsdPerHour) || !isPrice(outlook.predictedMicroUsdPerHour)) continue;
    if (!acceptsSelectors(asked, type, pool.region, pool.availabilityZone)) continue;
    const risk = outlook.interruptionMaxPercentPerMonth;
    if (!isRisk(risk)) unknownRisks.push(key);
    else {
      const cost = expectedCost(Math.floor(node.priceMicroUsdPerHour), outlook, risk, policy);
      candidates.push({ type, outlook, interruptionMaxPercentPerMonth: risk, cost });
    }
  }
  return { candidates: candidates.toSorted((a, b) => compare(a, b, node.zone)), unknownRisks };
}

/** Whether a type holds all that is requested. A request that is no number fits nowhere. */
export function fits(type: CatalogType, needs: Resources): boolean {
  return (
    needs.cpuMilli >= 0 &&
    needs.cpuMilli <= type.allocatableCpuMilli &&
    needs.memoryBytes >= 0 &&
    needs.memoryBytes <= type.allocatableMemoryMib * BYTES_PER_MIB &&
    needs.pods <= type.pods
  );
}

/** Volumes are not reported, so whoever might have one keeps its zone: a StatefulSet, a zone selector, an affinity. */
function mayLeaveZone({ moving }: NodeOccupancy): boolean {
  return moving.every(
    pod =>
      pod.ownerKind === 'ReplicaSet' &&
      !pod.hasAffinity &&
      ZONE_LABELS.every(label => !(label in pod.nodeSelector)),
  );
}

/**
 * Whether the selectors of all pods are sure to accept such a node. A label that nobody here knows is not sure.
 * @param asked labels and values of all selectors
 */
function acceptsSelectors(
  asked: readonly (readonly [string, string])[],
  type: CatalogType,
  region: string,
  zone: string,
): boolean {
  if (asked.length === 0) return true;
  const known = new Map<string, readonly string[]>([
    ...ZONE_LABELS.map(label => [label, [zone]] as const),
    ...REGION_LABELS.map(label => [label, [region]] as const),
    ...TYPE_LABELS.map(label => [label, [type.instanceType]] as const),
    ['karpenter.sh/capacity-type', ['spot']],
    ['eks.amazonaws.com/capacityType', ['SPOT']],
  ]);
  return asked.every(([label, value]) => known.get(label)?.includes(value) ?? false);
}

function compare(a: SpotCandidate, b: SpotCandidate, ownZone: string): number {
  const left = a.outlook.pool;
  const right = b.outlook.pool;
  return (
    b.cost.savingMicroUsdPerHour - a.cost.savingMicroUsdPerHour ||
    compareText(left.instanceType, right.instanceType) ||
    Number(right.availabilityZone === ownZone) - Number(left.availabilityZone === ownZone) ||
    compareText(left.availabilityZone, right.availabilityZone)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
