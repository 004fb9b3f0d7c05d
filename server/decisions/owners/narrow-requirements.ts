import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import type { PurchaseCheck } from '../../../common/contracts/index.ts';
import {
  CAPACITY_LABEL,
  isKnownLabel,
  labelsOf,
  meets,
  type Offering,
  type PoolRequirement,
  TYPE_LABEL,
  widened,
  ZONE_LABEL,
} from './karpenter-requirements.ts';
import type { ComingNode, OwnedNode } from './owner-input.ts';
import { type CheckInput, checkPurchase, isCloser } from './purchase-check.ts';

/** The requirements of a pool as a plan wants them, and what Karpenter would buy by them. */
export interface NarrowedPool {
  readonly requirements: readonly PoolRequirement[];
  readonly check: PurchaseCheck;
}

const KEYS = [TYPE_LABEL, CAPACITY_LABEL, ZONE_LABEL] as const;
/** The smallest first: nothing, each alone, pairs, all. */
const CHOICES: readonly (readonly (typeof KEYS)[number][])[] = [
  [],
  ...KEYS.map(key => [key]),
  [TYPE_LABEL, CAPACITY_LABEL],
  [TYPE_LABEL, ZONE_LABEL],
  [CAPACITY_LABEL, ZONE_LABEL],
  KEYS,
];

/**
 * The least change of a pool's requirements by which Karpenter would buy what the plan wants, or comes closest to it. What keeps out a
 * planned machine is widened in any case. Instance type, capacity type and zone are narrowed to those of the plan and of the pool's nodes that
 * stay: a node that its pool no longer admits counts as drifted and is replaced.
 * @param pools all of them, `pool` among them
 */
export function narrowRequirements(
  pool: InventoryNodePool,
  pools: readonly InventoryNodePool[],
  staying: readonly OwnedNode[],
  input: CheckInput,
): NarrowedPool {
  const machines = input.coming.flatMap(one => offeringOf(one, input.offerings) ?? []);
  const open = machines.reduce<PoolRequirement[]>(admitting, [...pool.requirements]);
  const tried = CHOICES.map(keys => {
    const requirements = keys.reduce<PoolRequirement[]>(
      (left, key) => narrowed(left, key, valuesOf(key, input.coming, staying)),
      open,
    );
    const changed = pools.map(one => (one.name === pool.name ? { ...pool, requirements } : one));
    return { requirements, check: checkPurchase(input, changed) };
  });
  const first = tried.reduce<NarrowedPool | undefined>(
    (best, one) => (best === undefined || isCloser(one.check, best.check) ? one : best),
    undefined,
  );
  return first ?? { requirements: pool.requirements, check: checkPurchase(input, pools) };
}

/** Those of a pool that let in what a plan wants and nothing else, by instance type, capacity type and zone. */
export function exactRequirements(
  pool: Pick<InventoryNodePool, 'requirements'>,
  { coming, offerings }: Pick<CheckInput, 'coming' | 'offerings'>,
): PoolRequirement[] {
  const machines = coming.flatMap(one => offeringOf(one, offerings) ?? []);
  const open = machines.reduce<PoolRequirement[]>(admitting, [...pool.requirements]);
  return KEYS.reduce<PoolRequirement[]>((left, key) => narrowed(left, key, valuesOf(key, coming, [])), open);
}

function offeringOf(machine: ComingNode, offerings: readonly Offering[]): Offering | undefined {
  return offerings.find(
    one =>
      one.instanceType === machine.instanceType &&
      one.zone === machine.zone &&
      one.capacityType === machine.capacityType,
  );
}

function admitting(requirements: readonly PoolRequirement[], machine: Offering): PoolRequirement[] {
  const known = labelsOf(machine);
  return requirements.flatMap(one =>
    !isKnownLabel(one.key) || meets(one, known.get(one.key)) ? one : (widened(one, known.get(one.key)) ?? []),
  );
}

function valuesOf(
  key: (typeof KEYS)[number],
  coming: readonly ComingNode[],
  staying: readonly OwnedNode[],
): string[] {
  const values = [...coming, ...staying].map(machine =>
    key === TYPE_LABEL ? machine.instanceType : key === ZONE_LABEL ? machine.zone : machine.capacityType,
  );
  return [...new Set(values.flatMap(value => (value === null || value === 'unknown' ? [] : value)))].sort();
}

/** One `In` in the place of what was required of the label; `minValues` holds on, as far as there are so many. */
function narrowed(
  requirements: readonly PoolRequirement[],
  key: string,
  values: string[],
): PoolRequirement[] {
  const own = requirements.filter(one => one.key === key);
  const minValues = Math.min(values.length, Math.max(0, ...own.map(one => one.minValues ?? 0)));
  const fresh = { key, operator: 'In', values, ...(minValues > 0 ? { minValues } : {}) };
  const place = requirements.findIndex(one => one.key === key);
  if (place < 0) return [...requirements, fresh];
  return requirements.flatMap((one, index) => (index === place ? fresh : one.key === key ? [] : one));
}
