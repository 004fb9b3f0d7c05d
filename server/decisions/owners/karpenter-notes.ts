import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import { isKnownLabel } from './karpenter-requirements.ts';
import type { OwnedNode, OwnerInput } from './owner-input.ts';

/** A change of a NodePool, as far as there is something to say of it. */
export interface NotedChange {
  readonly pool: InventoryNodePool;
  readonly leaving: readonly OwnedNode[];
  /** Those of them that the changed pool no longer admits. */
  readonly drifting: readonly OwnedNode[];
  readonly input: OwnerInput;
  readonly buys: boolean;
}

const DO_NOT_DISRUPT = 'karpenter.sh/do-not-disrupt';
/** Karpenter moves Spot to Spot only with so many cheaper types (kubernetes-sigs/karpenter, `consolidation.go`). */
const SPOT_TYPES = 15;
/** EKS Auto Mode makes these, and takes no changes to them. */
const BUILT_IN_POOLS = ['general-purpose', 'system'];

/** What a person should know before they apply the change of a NodePool: how Karpenter will go about it, and what will keep it from it. */
export function karpenterNotes(change: NotedChange): string[] {
  return [
    ...builtInPool(change),
    ...wayOut(change),
    ...spotToSpot(change),
    ...blockers(change),
    ...notJudged(change),
    ...frozen(change),
  ];
}

function builtInPool({ pool, input }: NotedChange): string[] {
  const isAuto = input.nodes.some(
    ({ owner, inventory }) =>
      owner.name === pool.name && inventory.labels['eks.amazonaws.com/compute-type'] === 'auto',
  );
  return isAuto && BUILT_IN_POOLS.includes(pool.name)
    ? [
        `NodePool ${pool.name} is built into EKS Auto Mode and cannot be changed: make a NodePool of your own with these fields.`,
      ]
    : [];
}

function wayOut({ pool, leaving, drifting, input }: NotedChange): string[] {
  if (leaving.length === 0 || pool.replicas !== undefined) return [];
  const left = leaving.filter(node => !drifting.includes(node));
  return [
    ...(drifting.length > 0
      ? [
          `The changed requirements no longer admit ${names(drifting)}: Karpenter replaces ${drifting.length === 1 ? 'it' : 'them'} as drifted, within the budgets.`,
        ]
      : []),
    ...(left.length > 0
      ? [
          `The NodePool goes on admitting ${names(left)}: Karpenter takes ${left.length === 1 ? 'it' : 'them'} away only where its own consolidation finds that this saves.`,
        ]
      : []),
    ...(left.length > 0 && input.coming.length > 1
      ? [
          `Its consolidation brings at most one new node at a time, and the plan brings ${input.coming.length}: it may come there in steps, or stop before.`,
        ]
      : []),
  ];
}

function spotToSpot({ leaving, input, buys }: NotedChange): string[] {
  const isSpot = ({ capacityType }: { readonly capacityType: string }) => capacityType === 'spot';
  if (!buys || !input.coming.some(isSpot)) return [];
  const types = new Set(input.coming.filter(isSpot).map(({ instanceType }) => instanceType)).size;
  if (types >= SPOT_TYPES) return [];
  return [
    `The plan names ${types} instance ${types === 1 ? 'type' : 'types'} for Spot: with few types EC2 has less to choose from, and launches fail more often.`,
    ...(leaving.some(isSpot)
      ? [
          `Karpenter moves Spot to Spot only with the feature gate SpotToSpotConsolidation (off by default) and at least ${SPOT_TYPES} cheaper types; the plan has ${types}, so it will not do so by itself.`,
        ]
      : []),
  ];
}

function blockers({ leaving, input }: NotedChange): string[] {
  const onLeaving = new Set(leaving.map(({ inventory }) => inventory.name));
  const marked = input.pods.filter(
    pod => pod.doNotDisrupt && pod.nodeName !== null && onLeaving.has(pod.nodeName),
  );
  const own = marked.filter(({ doNotDisruptBy }) => doNotDisruptBy === DO_NOT_DISRUPT);
  const untold = marked.filter(({ doNotDisruptBy }) => doNotDisruptBy === undefined);
  const keyOf = ({ namespace, name }: (typeof marked)[number]) => `${namespace}/${name}`;
  return [
    ...own.map(
      pod => `Pod ${keyOf(pod)} keeps Karpenter from node ${pod.nodeName}: it has ${DO_NOT_DISRUPT}.`,
    ),
    ...untold.map(
      pod =>
        `Pod ${keyOf(pod)} on node ${pod.nodeName} asks not to be disrupted; whether by Karpenter's mark the agent does not tell.`,
    ),
    ...leaving
      .filter(({ inventory }) => inventory.doNotDisrupt === true)
      .map(({ inventory }) => `Node ${inventory.name} asks itself not to be disrupted.`),
  ];
}

function notJudged({ pool, buys }: NotedChange): string[] {
  if (!buys) return [];
  const keys = pool.requirements
    .map(({ key }) => key)
    .filter(key => !isKnownLabel(key) && !(key in pool.labels));
  const limits = Object.entries(pool.limits).map(([name, amount]) => `${name} ${amount}`);
  return [
    ...(keys.length > 0
      ? [
          `The check of what would be bought leaves out requirements on ${[...new Set(keys)].join(', ')}: of these nothing is known before a launch.`,
        ]
      : []),
    ...(limits.length > 0 ? [`The pool has limits (${limits.join(', ')}), which the check leaves out.`] : []),
  ];
}

function frozen({ leaving, input }: NotedChange): string[] {
  const { freeze } = input.policy;
  if (leaving.length === 0 || freeze === null || Date.parse(freeze.until) <= input.nowMs) return [];
  return [
    `The policy is frozen until ${freeze.until} (${freeze.reason}); Karpenter knows nothing of that: apply this later.`,
  ];
}

function names(nodes: readonly OwnedNode[]): string {
  const all = nodes.map(({ inventory }) => inventory.name);
  return `${all.length === 1 ? 'node' : 'nodes'} ${all.slice(0, 5).join(', ')}${all.length > 5 ? ` and ${all.length - 5} more` : ''}`;
}
