import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import type { CatalogType, NodeView, PlanTarget, Resources } from '../../common/contracts/index.ts';
import { type LivePodRules, livePodRules } from './live-pod-rules.ts';
import type { SchedulableCluster } from './neighbours.ts';
import { isFinished, isResident } from './node-occupancy.ts';
import { Placement, type PlacementNode } from './packing/placement.ts';
import { indexPodRules } from './packing/pod-rule-index.ts';
import { ARCH_LABEL, HOSTNAME_LABEL, type PodClass, ZONE_LABEL } from './packing/problem.ts';
import { taintsOf } from './snapshot/pod-rules.ts';

const BYTES_PER_MIB = 2 ** 20;
const NOBODY = { leaving: new Set<string>(), shut: new Set<string>() };
const NOTHING: Resources = { cpuMilli: 0, memoryBytes: 0, pods: 0 };

/** A node that is expected to come. */
export type ComingNode = Pick<PlanTarget, 'instanceType' | 'zone' | 'capacityType'> &
  Partial<Pick<PlanTarget, 'key'>>;

/** Where pods may go when nodes are given up, or single pods are. */
export interface Departure {
  /** Names of the nodes whose pods must go elsewhere. */
  readonly leaving: ReadonlySet<string>;
  /** Names of nodes that take no more pods, because they go later. */
  readonly closed: ReadonlySet<string>;
  /** Uids of pods that leave nodes that stay, and the names of these nodes, which take none of them back. */
  readonly evicted?: { readonly leaving: ReadonlySet<string>; readonly shut: ReadonlySet<string> };
  readonly coming: readonly ComingNode[];
  /** Where a plan means pods to go, by their uid: the name of a node or the key of one that comes. */
  readonly foreseen?: ReadonlyMap<string, string>;
}

/** A pod that no node takes, and what keeps it out: "room on 3 nodes, taint on 1". */
export interface HomelessPod {
  readonly pod: InventoryPod;
  readonly reason: string;
}

/**
 * Pods of leaving nodes, and those that leave others, that the scheduler would find no place for, on the nodes that stay and on those that come. Those that fit where
 * they are foreseen go there; of the others the most important and largest first, each to the fullest node that takes it. Pods that wait for a node already are placed before. A pod may be called
 * homeless although a cleverer order exists; none is overlooked, as far as the inventory tells its rules.
 */
export function homelessPods(
  observed: SchedulableCluster,
  { leaving, closed, evicted = NOBODY, coming, foreseen = new Map() }: Departure,
  types: readonly CatalogType[],
): HomelessPod[] {
  const { nodes, inventory } = observed;
  const alive = inventory.pods.filter(pod => !isFinished(pod));
  const classes = new PodClasses(alive, livePodRules(observed));
  const facts = new Map(inventory.nodes.map(node => [node.name, node]));
  const isOpen = ({ name, ready, cordoned }: NodeView) =>
    ready && !cordoned && !leaving.has(name) && !closed.has(name);
  const places: PlacementNode[] = [
    ...nodes.map((node, kind): PlacementNode => {
      const { labels = labelsOf(node), taints = [], extended = {} } = facts.get(node.name) ?? {};
      return {
        name: node.name,
        kind,
        labels: { [HOSTNAME_LABEL]: node.name, ...labels },
        taints: taintsOf(taints),
        // A node that takes none counts all the same where pods are to be spread.
        free: isOpen(node) ? classes.amounts(node.allocatable, extended) : classes.amounts(NOTHING, {}),
      };
    }),
    ...coming.flatMap((node, place) => comingPlace(node, place, nodes, types, classes) ?? []),
  ];
  const takers = places.flatMap((_, n) => (nodes[n] && !isOpen(nodes[n]) ? [] : [n]));
  const placement = new Placement(classes.all, indexPodRules(classes.all), places, classes.sizes);
  const placeOf = new Map(places.map(({ name }, n) => [name, n]));
  const isTaker = new Set(takers);
  const isMoving = (pod: InventoryPod) =>
    pod.nodeName !== null &&
    (leaving.has(pod.nodeName) || evicted.leaving.has(pod.uid)) &&
    !pod.terminating &&
    !isResident(pod);
  // A node is cordoned while its own pods look for another.
  const takes = (n: number, pod: InventoryPod) =>
    !evicted.leaving.has(pod.uid) || !evicted.shut.has(places[n]?.name ?? '');
  for (const pod of alive) {
    const n = pod.nodeName === null || isMoving(pod) ? undefined : placeOf.get(pod.nodeName);
    if (n !== undefined) placement.bind(classes.of(pod), n, 1);
  }
  // A node that comes runs the DaemonSets of the one that goes.
  const residents = alive.filter(pod => pod.nodeName === [...leaving][0] && isResident(pod));
  for (let n = nodes.length; n < places.length; n++)
    for (const pod of residents) placement.bind(classes.of(pod), n, 1);

  const homeless: HomelessPod[] = [];
  const place = (pod: InventoryPod) => {
    const podClass = classes.of(pod);
    const taker = takers
      .map(n => ({ n, cpuMilli: places[n]?.free[0] ?? 0 }))
      .toSorted((a, b) => a.cpuMilli - b.cpuMilli || a.n - b.n)
      .find(({ n }) => takes(n, pod) && placement.refusal(podClass, n) === undefined);
    if (taker) placement.bind(podClass, taker.n, 1);
    return taker !== undefined;
  };
  for (const pod of byNeed(alive.filter(({ nodeName, terminating }) => nodeName === null && !terminating)))
    place(pod);
  const isAsForeseen = (pod: InventoryPod) => {
    const n = placeOf.get(foreseen.get(pod.uid) ?? '');
    if (
      n === undefined ||
      !isTaker.has(n) ||
      !takes(n, pod) ||
      placement.refusal(classes.of(pod), n) !== undefined
    )
      return false;
    placement.bind(classes.of(pod), n, 1);
    return true;
  };
  const others = byNeed(alive.filter(isMoving)).filter(pod => !isAsForeseen(pod));
  for (const pod of others) {
    if (place(pod)) continue;
    const refusals = takers
      .filter(n => takes(n, pod))
      .map(n => placement.refusal(classes.of(pod), n) ?? 'room');
    homeless.push({ pod, reason: countedWords(refusals) });
  }
  return homeless;
}

/** Pods alike in request and rules, which the placement takes as one. */
class PodClasses {
  readonly all: PodClass[] = [];
  readonly sizes: Float64Array[] = [];
  /** Names of the resources besides CPU, memory and pods that any pod asks for, in the order of `sizes`. */
  readonly extended: readonly string[];
  readonly #classOf = new Map<string, number>();

  constructor(pods: readonly InventoryPod[], rulesOf: (pod: InventoryPod) => LivePodRules) {
    const known = pods.map(pod => ({ pod, ...rulesOf(pod) }));
    this.extended = [...new Set(known.flatMap(({ extended }) => Object.keys(extended)))].toSorted();
    const places = new Map<string, number>();
    for (const { pod, rules, extended } of known) {
      const key = JSON.stringify([pod.requests, rules, extended]);
      const place = places.get(key) ?? this.all.length;
      if (place === this.all.length) {
        places.set(key, place);
        this.all.push({ name: pod.name, count: 1, requests: { ...pod.requests, extended }, rules });
        this.sizes.push(this.amounts({ ...pod.requests, pods: 1 }, extended));
      }
      this.#classOf.set(pod.uid, place);
    }
  }

  of(pod: InventoryPod): number {
    return this.#classOf.get(pod.uid) as number;
  }

  amounts(
    { cpuMilli, memoryBytes, pods }: Resources,
    extended: Readonly<Record<string, number>>,
  ): Float64Array {
    return Float64Array.of(cpuMilli, memoryBytes, pods, ...this.extended.map(name => extended[name] ?? 0));
  }
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
  nodes: readonly NodeView[],
  types: readonly CatalogType[],
  classes: PodClasses,
): PlacementNode | undefined {
  const type = types.find(({ instanceType }) => instanceType === node.instanceType);
  if (!type) return undefined;
  const name = node.key ?? `new ${node.instanceType} ${place + 1}`;
  const { allocatableCpuMilli: cpuMilli, pods, gpuCount } = type;
  const memoryBytes = type.allocatableMemoryMib * BYTES_PER_MIB;
  const free = classes.amounts(
    { cpuMilli, memoryBytes, pods },
    { 'nvidia.com/gpu': gpuCount, 'ephemeral-storage': Number.POSITIVE_INFINITY },
  );
  const labels = machineLabels(node, nodes[0]?.region ?? null, type.arch);
  return { name, kind: nodes.length + place, labels, taints: [], free };
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
