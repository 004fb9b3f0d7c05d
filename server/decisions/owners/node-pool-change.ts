import { stringify } from 'yaml';
import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import type { ChangedField, OwnerChange } from '../../../common/contracts/index.ts';
import { MS_PER_MINUTE } from '../../../common/units/index.ts';
import { closedHours, nodesAtOnce, type PoolBudget } from './closed-hours.ts';
import { isTriedBefore } from './karpenter-choice.ts';
import { karpenterNotes } from './karpenter-notes.ts';
import { admits, type PoolRequirement } from './karpenter-requirements.ts';
import { type NarrowedPool, narrowRequirements } from './narrow-requirements.ts';
import { isOwnedBy, type OwnerInput } from './owner-input.ts';
import { buysFrom } from './purchase-check.ts';

/** Karpenter takes no more budgets than these (karpenter.sh/v1 NodePool). */
const MOST_BUDGETS = 50;
const MOST_WEIGHT = 100;
/** What Karpenter allows where a pool states no budgets; with schedules alone there would be no limit outside of them. */
const DEFAULT_BUDGET: PoolBudget = { nodes: '10%' };
/** By `karpenter.sh/v1`, where a pool does not state it. */
const CONSOLIDATING = 'WhenEmptyOrUnderutilized';

/** A NodePool as the plan wants it. */
interface WantedPool {
  readonly disruption?: {
    readonly consolidationPolicy: string;
    readonly consolidateAfter: string;
    readonly budgets: readonly PoolBudget[];
  };
  readonly weight: number;
  /** Of a pool that keeps a number of nodes. */
  readonly replicas: number | undefined;
  readonly requirements: readonly PoolRequirement[];
}

/**
 * The change of a NodePool by which Karpenter itself does what the plan means: lets nodes go that the plan takes away, within the hours and
 * numbers of the policy, and buys what the plan wants, if it is the pool that `buys`. Only fields that differ are in the text.
 */
export function nodePoolChange(pool: InventoryNodePool, input: OwnerInput, buys: boolean): OwnerChange {
  const own = input.nodes.filter(node => isOwnedBy(node, 'karpenter', pool.name));
  const leaving = own.filter(({ isLeaving }) => isLeaving);
  const staying = own.filter(({ isLeaving }) => !isLeaving);
  const others = (input.nodePools ?? []).filter(({ name }) => name !== pool.name);
  const budgets = wantedBudgets(pool, input);
  const weight = buys ? wantedWeight(pool, others, input) : pool.weight;
  const weighed = { ...pool, weight };
  const narrowed: NarrowedPool = buys
    ? narrowRequirements(weighed, [weighed, ...others], staying, input)
    : { requirements: pool.requirements, check: { verdict: 'unknown', bought: 0, text: '' } };
  const wanted: WantedPool = {
    ...(leaving.length > 0 && pool.replicas === undefined
      ? { disruption: { ...consolidation(pool, input), budgets: budgets.budgets } }
      : {}),
    weight,
    replicas: pool.replicas === undefined ? undefined : Math.max(0, pool.replicas - leaving.length),
    requirements: narrowed.requirements,
  };
  const drifting = leaving.filter(
    node =>
      isKnown(node) &&
      !admits({ labels: pool.labels, requirements: narrowed.requirements }, machineOf(node, input)),
  );
  const fields = changedFields(pool, wanted);
  return {
    owner: { kind: 'karpenter', name: pool.name },
    title: `NodePool ${pool.name}`,
    nodes: leaving.map(({ inventory }) => inventory.name),
    fileName: `nodepool-${pool.name}.yaml`,
    language: 'yaml',
    text: textOf(pool, wanted, fields),
    how: `kubectl patch nodepool ${pool.name} --type merge --patch-file nodepool-${pool.name}.yaml`,
    fields,
    check: buys ? narrowed.check : null,
    notes: [
      ...(fields.length === 0 ? ['The NodePool already says all of this; nothing has to be changed.'] : []),
      ...karpenterNotes({ pool, leaving, drifting, input, buys }),
      ...(leaving.length > 0 ? budgets.notes : []),
    ],
  };
}

function isKnown({ instanceType, zone, capacityType }: OwnerInput['nodes'][number]): boolean {
  return instanceType !== null && zone !== null && capacityType !== 'unknown';
}

/** What a node is, as far as requirements ask; its size as the offerings tell it. */
function machineOf(
  { inventory, instanceType, zone, capacityType }: OwnerInput['nodes'][number],
  input: OwnerInput,
) {
  const type = input.offerings.find(one => one.instanceType === instanceType);
  return {
    instanceType: instanceType ?? '',
    zone: zone ?? '',
    capacityType: capacityType === 'spot' ? ('spot' as const) : ('on-demand' as const),
    region: inventory.labels['topology.kubernetes.io/region'] ?? '',
    arch: inventory.labels['kubernetes.io/arch'] ?? type?.arch ?? '',
    vcpu: type?.vcpu ?? 0,
    memoryMib: type?.memoryMib ?? 0,
    gpuCount: type?.gpuCount ?? 0,
  };
}

function consolidation(pool: InventoryNodePool, { policy }: OwnerInput) {
  const minutes = Math.max(1, Math.ceil(policy.decisions.overlapMs / MS_PER_MINUTE));
  const present = pool.consolidateAfter;
  return {
    consolidationPolicy: CONSOLIDATING,
    consolidateAfter: present === null || present === 'Never' ? `${minutes}m` : present,
  };
}

/** Those of the pool and those of the policy together: the strictest counts. */
function wantedBudgets(pool: InventoryNodePool, { policy, nowMs }: OwnerInput) {
  const closed = closedHours(policy.windows, nowMs);
  const numbers = nodesAtOnce(policy.budgets, pool.name);
  const all = [...pool.budgets, ...numbers.budgets, ...closed.budgets];
  const isLimited = all.some(({ schedule, reasons }) => schedule === undefined && reasons === undefined);
  const budgets = [
    ...new Map(
      [...(isLimited ? [] : [DEFAULT_BUDGET]), ...all].map(one => [JSON.stringify(one), one]),
    ).values(),
  ];
  const left = budgets.length - MOST_BUDGETS;
  return {
    budgets: budgets.slice(0, MOST_BUDGETS),
    notes: [
      ...numbers.notes,
      ...closed.notes,
      ...(left > 0 ? [`${left} budgets are left out: Karpenter takes ${MOST_BUDGETS} at most.`] : []),
    ],
  };
}

/** Above every other pool that would be tried first and buy something else. */
function wantedWeight(
  pool: InventoryNodePool,
  others: readonly InventoryNodePool[],
  input: OwnerInput,
): number {
  const first = others.filter(
    one => one.replicas === undefined && isTriedBefore(one, pool) && buysFrom(input, one),
  );
  if (first.length === 0) return pool.weight;
  return Math.min(MOST_WEIGHT, Math.max(...first.map(one => one.weight)) + 1);
}

function changedFields(
  pool: InventoryNodePool,
  { disruption, weight, replicas, requirements }: WantedPool,
): ChangedField[] {
  const rows: (ChangedField | undefined)[] = [
    disruption && {
      path: 'spec.disruption.consolidationPolicy',
      present: pool.consolidationPolicy,
      proposed: disruption.consolidationPolicy,
      why: 'Karpenter then also replaces nodes that are used little, not only empty ones.',
    },
    disruption && {
      path: 'spec.disruption.consolidateAfter',
      present: pool.consolidateAfter,
      proposed: disruption.consolidateAfter,
      why: 'How long a node is left alone after the last pod came or went: by the policy, until new nodes serve and old ones are drained.',
    },
    disruption && {
      path: 'spec.disruption.budgets',
      present: inline(pool.budgets),
      proposed: inline(disruption.budgets),
      why: 'The hours and numbers of the policy beside those of the pool; the strictest counts.',
    },
    {
      path: 'spec.weight',
      present: String(pool.weight),
      proposed: String(weight),
      why: 'The pool with the highest weight is tried first.',
    },
    replicas === undefined
      ? undefined
      : {
          path: 'spec.replicas',
          present: String(pool.replicas),
          proposed: String(replicas),
          why: 'The pool keeps this many nodes, and would bring back what goes.',
        },
    {
      path: 'spec.template.spec.requirements',
      present: inline(pool.requirements),
      proposed: inline(requirements),
      why: 'What the plan wants to buy, and what runs in this pool and stays.',
    },
  ];
  return rows.filter(row => row !== undefined && row.present !== row.proposed) as ChangedField[];
}

/** A merge patch: a list in it stands for the whole list. */
function textOf(pool: InventoryNodePool, wanted: WantedPool, fields: readonly ChangedField[]): string {
  const has = (path: string) => fields.some(field => field.path === `spec.${path}`);
  const { disruption, weight, replicas, requirements } = wanted;
  const changed = {
    ...(disruption && has('disruption.consolidationPolicy')
      ? { consolidationPolicy: disruption.consolidationPolicy }
      : {}),
    ...(disruption && has('disruption.consolidateAfter')
      ? { consolidateAfter: disruption.consolidateAfter }
      : {}),
    ...(disruption && has('disruption.budgets') ? { budgets: disruption.budgets } : {}),
  };
  const spec = {
    ...(has('weight') ? { weight } : {}),
    ...(has('replicas') ? { replicas } : {}),
    ...(Object.keys(changed).length > 0 ? { disruption: changed } : {}),
    ...(has('template.spec.requirements') ? { template: { spec: { requirements } } } : {}),
  };
  const comments = fields.map(({ path, present }) => `# ${path} now: ${present ?? 'unknown'}\n`).join('');
  return `${comments}${stringify(
    {
      apiVersion: pool.apiVersion ?? 'karpenter.sh/v1',
      kind: 'NodePool',
      metadata: { name: pool.name },
      spec,
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  )}`;
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, aliasDuplicateObjects: false }).trim();
}
