import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import type { OwnerChange, OwnerChanges } from '../../../common/contracts/index.ts';
import { groupChange } from './group-change.ts';
import { withoutHandshake } from './handshake.ts';
import { admits } from './karpenter-requirements.ts';
import { nodeOverlays } from './node-overlay.ts';
import { nodePoolChange } from './node-pool-change.ts';
import type { OwnerInput } from './owner-input.ts';
import { plannedPool } from './planned-pool.ts';
import { buysFrom, isCloser } from './purchase-check.ts';

/**
 * What a plan means in the language of those who own its nodes: one change for each NodePool and node group that nodes leave or come from,
 * and one for the prices that Karpenter does not know. Nothing is guessed: what the cluster does not tell is `null`, or a variable in
 * a command.
 */
export function ownerChanges(input: OwnerInput): OwnerChanges {
  const leaving = input.nodes.filter(({ isLeaving }) => isLeaving);
  const cluster = {
    inventory: {
      nodes: input.nodes.map(({ inventory }) => inventory),
      pods: input.pods,
      budgets: [],
      workloads: [],
    },
    scheduling: {
      shapes: [],
      claims: [],
      volumes: [],
      storageClasses: [],
      namespaces: [],
      nodePools: input.nodePools ?? [],
      nodeClaims: input.nodeClaims,
    },
  };
  const buyer = input.coming.length > 0 ? poolThatBuys(input) : undefined;
  const leftPools = new Set(
    leaving.flatMap(({ owner }) => (owner.kind === 'karpenter' ? (owner.name ?? []) : [])),
  );
  const own = buyer && ownPool(buyer, input);
  const isBuyer = ({ name }: InventoryNodePool) => name === buyer?.name && own === undefined;
  const pools = (input.nodePools ?? []).filter(pool => leftPools.has(pool.name) || isBuyer(pool));
  const groups = groupsOf(leaving.filter(({ endedBy }) => endedBy !== 'engine'));
  const overlays = pools.length > 0 ? nodeOverlays(input.paid) : undefined;
  return {
    nodes: leaving.map(({ inventory, owner, endedBy }) => ({
      node: inventory.name,
      owner,
      problem: withoutHandshake([{ uid: inventory.uid, endedBy }], cluster)[0] ?? null,
    })),
    changes: [
      ...(own ? [own] : []),
      ...pools.map(pool => nodePoolChange(pool, input, isBuyer(pool))),
      ...groups.map((group, place) => groupChange(group, input, buyer === undefined && place === 0)),
      ...(overlays ? [overlays] : []),
    ],
    notes: notesOf(input, leftPools, buyer, groups),
  };
}

/** A pool of the plan's own, where that leads closer to the plan than a change of the pool that is there. */
function ownPool(buyer: InventoryNodePool, input: OwnerInput): OwnerChange | undefined {
  const changed = nodePoolChange(buyer, input, true).check;
  if (changed === null || changed.verdict === 'as-planned') return undefined;
  const own = plannedPool(buyer, input);
  return own?.check && isCloser(own.check, changed) ? own : undefined;
}

/** The pool that the nodes of the plan come from: one that they leave, if it may buy them; else the first that may; else one to be widened. */
function poolThatBuys(input: OwnerInput): InventoryNodePool | undefined {
  const pools = (input.nodePools ?? []).filter(({ replicas }) => replicas === undefined);
  const isLeft = ({ name }: InventoryNodePool) =>
    input.nodes.some(
      ({ isLeaving, owner }) => isLeaving && owner.kind === 'karpenter' && owner.name === name,
    );
  const mayBuy = (pool: InventoryNodePool) => {
    const wanted = input.coming.flatMap(machine =>
      input.offerings.filter(
        one =>
          one.instanceType === machine.instanceType &&
          one.zone === machine.zone &&
          one.capacityType === machine.capacityType,
      ),
    );
    return (
      wanted.length > 0 &&
      wanted.every(one => admits(pool, one)) &&
      (input.waiting.length === 0 || buysFrom(input, pool))
    );
  };
  const order = pools.toSorted((a, b) => Number(isLeft(b)) - Number(isLeft(a)) || b.weight - a.weight);
  return order.find(mayBuy) ?? order[0];
}

function groupsOf(leaving: OwnerInput['nodes']) {
  const groups = leaving.flatMap(({ owner: { kind, name } }) =>
    kind === 'eks-node-group' || kind === 'auto-scaling-group' ? [{ kind, name }] : [],
  );
  return [...new Map(groups.map(group => [`${group.kind} ${group.name}`, group])).values()];
}

function notesOf(
  { nodes, nodePools, coming }: OwnerInput,
  leftPools: ReadonlySet<string>,
  buyer: InventoryNodePool | undefined,
  groups: readonly Pick<OwnerChange['owner'], 'kind'>[],
): string[] {
  const known = new Set((nodePools ?? []).map(({ name }) => name));
  const untold = [...leftPools].filter(name => !known.has(name));
  const unowned = nodes.filter(
    ({ isLeaving, owner, endedBy }) => isLeaving && owner.kind === 'nobody' && endedBy !== 'engine',
  ).length;
  return [
    ...(untold.length > 0
      ? [
          `NodePool ${untold.join(', ')} is not known here, so no change of it can be written: let the agent list nodepools and nodeclaims of karpenter.sh, or put them into the snapshot.`,
        ]
      : []),
    ...(unowned > 0
      ? [
          `${unowned} of the nodes that go ${unowned === 1 ? 'belongs' : 'belong'} to nobody that can be seen: nothing has to be said to anybody, and nothing ends the instance but whoever launched it.`,
        ]
      : []),
    ...(coming.length > 0 && buyer === undefined && groups.length === 0
      ? ['Nobody is seen who would bring the new nodes of the plan.']
      : []),
  ];
}
