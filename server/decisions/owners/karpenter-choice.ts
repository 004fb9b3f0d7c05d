import type { InventoryNodePool, InventoryPod } from '../../../common/agent-protocol/index.ts';
import { admits, labelsOf, type Offering, type PoolRequirement } from './karpenter-requirements.ts';

/** What Karpenter's choice needs of a NodePool. */
export interface ChoicePool extends Pick<InventoryNodePool, 'name' | 'weight' | 'labels' | 'taints'> {
  readonly requirements: readonly PoolRequirement[];
}

/** A pod that waits for a node. */
export interface WaitingPod {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly nodeSelector: InventoryPod['nodeSelector'];
  readonly tolerations: InventoryPod['tolerations'];
}

/** A node that Karpenter would buy. */
export interface Purchase {
  readonly pool: string;
  /** What it may become, cheapest first: EC2 has the last word among Spot offerings, and among those of one price. */
  readonly options: readonly Offering[];
}

/** What it would buy, and for how many pods it would find nothing. */
export interface Choice {
  readonly purchases: readonly Purchase[];
  readonly unplaced: number;
}

/** A launch asks EC2 for at most this many instance types. */
const LAUNCHED_TYPES = 60;

interface Claim {
  readonly pool: ChoicePool;
  offers: readonly Offering[];
  cpuMilli: number;
  memoryBytes: number;
  pods: number;
}

/**
 * What Karpenter would buy for pods that wait together, by its rules: pods by CPU, then memory, the largest first; each to the new node with
 * fewest pods that some type still holds, else to a node of the first pool by weight that has any; a new node keeps every type that fits and
 * becomes Spot where it may, else the cheapest (kubernetes-sigs/karpenter `scheduling/queue.go`, `scheduler.go`; aws
 * `pkg/providers/instance`). Node selectors, taints and requests count; affinities, spreads, volumes and limits do not.
 * @param overhead what DaemonSets ask of every new node
 */
export function karpenterChoice(
  pools: readonly ChoicePool[],
  offerings: readonly Offering[],
  pods: readonly WaitingPod[],
  overhead: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number },
): Choice {
  const ordered = pools.toSorted((one, other) => (isTriedBefore(one, other) ? -1 : 1));
  const byPrice = offerings.toSorted(
    (a, b) => a.priceMicroUsdPerHour - b.priceMicroUsdPerHour || (a.instanceType < b.instanceType ? -1 : 1),
  );
  const empty = ordered.map(pool => ({
    pool,
    offers: byPrice.filter(offering => admits(pool, offering)),
    ...overhead,
  }));
  const claims: Claim[] = [];
  let unplaced = 0;
  for (const pod of pods.toSorted((a, b) => b.cpuMilli - a.cpuMilli || b.memoryBytes - a.memoryBytes)) {
    const open = claims.toSorted((a, b) => a.pods - b.pods);
    const joined = open.some(claim => join(claim, pod));
    if (joined) continue;
    const fresh = empty.map(one => ({ ...one })).find(claim => join(claim, pod));
    if (fresh) claims.push(fresh);
    else unplaced++;
  }
  return {
    purchases: claims.map(({ pool, offers }) => ({ pool: pool.name, options: launched(offers) })),
    unplaced,
  };
}

/** The higher weight comes first; of equal ones the later name (kubernetes-sigs/karpenter, `OrderByWeight`). */
export function isTriedBefore(
  one: Pick<ChoicePool, 'name' | 'weight'>,
  other: Pick<ChoicePool, 'name' | 'weight'>,
): boolean {
  return one.weight === other.weight ? one.name > other.name : one.weight > other.weight;
}

/** Puts a pod onto a node that has yet to come, where some offer still holds all. */
function join(claim: Claim, pod: WaitingPod): boolean {
  if (!tolerates(pod, claim.pool)) return false;
  const cpuMilli = claim.cpuMilli + pod.cpuMilli;
  const memoryBytes = claim.memoryBytes + pod.memoryBytes;
  const pods = claim.pods + 1;
  const offers = claim.offers.filter(
    offer =>
      cpuMilli <= offer.allocatable.cpuMilli &&
      memoryBytes <= offer.allocatable.memoryBytes &&
      pods <= offer.pods &&
      isSelected(pod, offer, claim.pool),
  );
  if (offers.length === 0) return false;
  Object.assign(claim, { offers, cpuMilli, memoryBytes, pods });
  return true;
}

function isSelected({ nodeSelector }: WaitingPod, offer: Offering, pool: ChoicePool): boolean {
  const known = labelsOf(offer);
  return Object.entries(nodeSelector).every(
    ([key, value]) =>
      (known.get(key) ?? (key === 'karpenter.sh/nodepool' ? pool.name : pool.labels[key])) === value,
  );
}

function tolerates({ tolerations }: WaitingPod, { taints }: ChoicePool): boolean {
  return taints
    .filter(({ effect }) => effect !== 'PreferNoSchedule')
    .every(taint =>
      tolerations.some(
        ({ key, operator = 'Equal', value = '', effect }) =>
          (key === undefined || key === '' ? operator === 'Exists' : key === taint.key) &&
          (operator === 'Exists' || value === (taint.value ?? '')) &&
          (effect === undefined || effect === '' || effect === taint.effect),
      ),
    );
}

/** Spot where there is any, without what is dearer than the cheapest on-demand offer; else all that cost as little as the cheapest. */
function launched(offers: readonly Offering[]): Offering[] {
  const onDemand = offers.filter(({ capacityType }) => capacityType === 'on-demand');
  const [cheapest] = onDemand;
  const limit = cheapest?.priceMicroUsdPerHour ?? Number.POSITIVE_INFINITY;
  const spot = offers.filter(
    ({ capacityType, priceMicroUsdPerHour }) => capacityType === 'spot' && priceMicroUsdPerHour <= limit,
  );
  if (spot.length === 0) return onDemand.filter(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour === limit);
  const types = new Set<string>();
  for (const { instanceType } of spot) if (types.size < LAUNCHED_TYPES) types.add(instanceType);
  return spot.filter(({ instanceType }) => types.has(instanceType));
}

/** `m5.large spot in us-east-1a`. */
export function inWords({
  instanceType,
  capacityType,
  zone,
}: Pick<Offering, 'instanceType' | 'capacityType' | 'zone'>): string {
  return `${instanceType} ${capacityType} in ${zone}`;
}
