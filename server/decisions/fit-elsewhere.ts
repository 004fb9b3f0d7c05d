import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import type { CatalogType, NodeView, PlanTarget } from '../../common/contracts/index.ts';
import type { ObservedCluster } from './neighbours.ts';
import { isFinished, isResident } from './node-occupancy.ts';
import { Placement, type PlacementNode } from './packing/placement.ts';
import {
  ARCH_LABEL,
  anywhere,
  HOSTNAME_LABEL,
  type PodClass,
  type PodRules,
  type Toleration,
  ZONE_LABEL,
} from './packing/problem.ts';
import { taintsOf } from './snapshot/pod-rules.ts';

const BYTES_PER_MIB = 2 ** 20;

/** A node that is expected to come. */
export type ComingNode = Pick<PlanTarget, 'instanceType' | 'zone' | 'capacityType'>;

/** Where pods may go when nodes are given up. */
export interface Departure {
  /** Names of the nodes whose pods must go elsewhere. */
  readonly leaving: ReadonlySet<string>;
  /** Names of nodes that take no more pods, because they go later. */
  readonly closed: ReadonlySet<string>;
  readonly coming: readonly ComingNode[];
}

/** A pod that no node takes, and what keeps it out: "room on 3 nodes, taint on 1". */
export interface HomelessPod {
  readonly pod: InventoryPod;
  readonly reason: string;
}

/**
 * Pods of leaving nodes that the scheduler would find no place for, on the nodes that stay and on those that come; most important and
 * largest pods first, each to the fullest node that takes it. Pods that wait for a node already are placed before. A pod may be called
 * homeless although a cleverer order exists; none is overlooked, as far as the inventory tells its rules.
 */
export function homelessPods(
  { nodes, inventory }: ObservedCluster,
  { leaving, closed, coming }: Departure,
  types: readonly CatalogType[],
): HomelessPod[] {
  const alive = inventory.pods.filter(pod => !isFinished(pod));
  const classes = new PodClasses(alive);
  const facts = new Map(inventory.nodes.map(node => [node.name, node]));
  const open = nodes.filter(
    ({ name, ready, cordoned }) => ready && !cordoned && !leaving.has(name) && !closed.has(name),
  );
  const places: PlacementNode[] = [
    ...open.map((node, kind): PlacementNode => {
      const labels = facts.get(node.name)?.labels ?? labelsOf(node);
      return {
        name: node.name,
        kind,
        labels: { [HOSTNAME_LABEL]: node.name, ...labels },
        taints: taintsOf(facts.get(node.name)?.taints ?? []),
        free: amounts(node.allocatable),
      };
    }),
    ...coming.flatMap(
      (node, place) => comingPlace(node, place, open.length + place, nodes[0]?.region ?? null, types) ?? [],
    ),
  ];
  const placement = new Placement(classes.all, places, classes.sizes);
  const placeOf = new Map(places.map(({ name }, n) => [name, n]));
  for (const pod of alive) {
    const n = pod.nodeName === null ? undefined : placeOf.get(pod.nodeName);
    if (n !== undefined) placement.bind(classes.of(pod), n, 1);
  }
  // A node that comes runs the DaemonSets of the one that goes.
  const residents = alive.filter(pod => pod.nodeName === [...leaving][0] && isResident(pod));
  for (let n = open.length; n < places.length; n++)
    for (const pod of residents) placement.bind(classes.of(pod), n, 1);

  const homeless: HomelessPod[] = [];
  const place = (pod: InventoryPod) => {
    const podClass = classes.of(pod);
    const taker = places
      .map(({ free }, n) => ({ n, cpuMilli: free[0] as number }))
      .toSorted((a, b) => a.cpuMilli - b.cpuMilli || a.n - b.n)
      .find(({ n }) => placement.refusal(podClass, n) === undefined);
    if (taker) placement.bind(podClass, taker.n, 1);
    return taker !== undefined;
  };
  for (const pod of byNeed(alive.filter(({ nodeName, terminating }) => nodeName === null && !terminating)))
    place(pod);
  const moving = alive.filter(
    pod => pod.nodeName !== null && leaving.has(pod.nodeName) && !pod.terminating && !isResident(pod),
  );
  for (const pod of byNeed(moving)) {
    if (place(pod)) continue;
    const refusals = places.map((_, n) => placement.refusal(classes.of(pod), n) ?? 'room');
    homeless.push({ pod, reason: countedWords(refusals) });
  }
  return homeless;
}

/** Pods alike in request and rules, which the placement takes as one. */
class PodClasses {
  readonly all: PodClass[] = [];
  readonly sizes: Float64Array[] = [];
  readonly #classOf = new Map<string, number>();

  constructor(pods: readonly InventoryPod[]) {
    const places = new Map<string, number>();
    for (const pod of pods) {
      const rules = rulesOf(pod);
      const key = JSON.stringify([pod.requests, rules]);
      const known = places.get(key) ?? this.all.length;
      if (known === this.all.length) {
        places.set(key, known);
        this.all.push({ name: pod.name, count: 1, requests: { ...pod.requests, extended: {} }, rules });
        this.sizes.push(amounts({ ...pod.requests, pods: 1 }));
      }
      this.#classOf.set(pod.uid, known);
    }
  }

  of(pod: InventoryPod): number {
    return this.#classOf.get(pod.uid) as number;
  }
}

/** What the inventory tells of where a pod may go. */
function rulesOf({ namespace, labels, priority, nodeSelector, tolerations }: InventoryPod): PodRules {
  return {
    ...anywhere,
    namespace,
    labels,
    priority: priority ?? 0,
    nodeSelector,
    tolerations: tolerations.map(({ key = '', operator = 'Equal', value = '', effect = '' }) => ({
      key,
      operator: operator as Toleration['operator'],
      value,
      effect: effect as Toleration['effect'],
    })),
  };
}

function labelsOf({ zone, region, arch, instanceType, capacityType }: Omit<NodeView, 'name' | 'uid'>) {
  return machineLabels(
    { zone: zone ?? '', instanceType: instanceType ?? '', capacityType },
    region,
    arch ?? '',
  );
}

function machineLabels(
  {
    zone,
    instanceType,
    capacityType,
  }: Pick<NodeView, 'capacityType'> & { zone: string; instanceType: string },
  region: string | null,
  arch: string,
): Record<string, string> {
  return {
    'kubernetes.io/os': 'linux',
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': arch,
    [ARCH_LABEL]: arch,
    [ZONE_LABEL]: zone,
    'topology.kubernetes.io/region': region ?? '',
    'node.kubernetes.io/instance-type': instanceType,
    'beta.kubernetes.io/instance-type': instanceType,
    'karpenter.sh/capacity-type': capacityType,
    'eks.amazonaws.com/capacityType': capacityType === 'spot' ? 'SPOT' : 'ON_DEMAND',
  };
}

/** A node that is not there yet; none of a type that the catalog does not know. */
function comingPlace(
  node: ComingNode,
  place: number,
  kind: number,
  region: string | null,
  types: readonly CatalogType[],
): PlacementNode | undefined {
  const type = types.find(({ instanceType }) => instanceType === node.instanceType);
  if (!type) return undefined;
  const name = `new ${node.instanceType} ${place + 1}`;
  const free = amounts({
    cpuMilli: type.allocatableCpuMilli,
    memoryBytes: type.allocatableMemoryMib * BYTES_PER_MIB,
    pods: type.pods,
  });
  return { name, kind, labels: machineLabels(node, region, type.arch), taints: [], free };
}

function amounts({ cpuMilli, memoryBytes, pods }: { cpuMilli: number; memoryBytes: number; pods: number }) {
  return Float64Array.of(cpuMilli, memoryBytes, pods);
}

function byNeed(pods: readonly InventoryPod[]): InventoryPod[] {
  return pods.toSorted(
    (a, b) =>
      (b.priority ?? 0) - (a.priority ?? 0) ||
      b.requests.cpuMilli - a.requests.cpuMilli ||
      b.requests.memoryBytes - a.requests.memoryBytes ||
      (a.uid < b.uid ? -1 : 1),
  );
}

function countedWords(reasons: readonly string[]): string {
  if (reasons.length === 0) return 'there is no other node';
  const counts = [...Map.groupBy(reasons, reason => reason)].map(([reason, { length }]) => ({
    reason,
    length,
  }));
  return counts
    .toSorted((a, b) => b.length - a.length || (a.reason < b.reason ? -1 : 1))
    .map(({ reason, length }) => `${reason} on ${length} ${length === 1 ? 'node' : 'nodes'}`)
    .join(', ');
}
