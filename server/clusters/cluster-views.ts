import type { InventoryNode, InventoryPod } from '../../common/agent-protocol/index.ts';
import type { ClusterSummary, NodeView, PodView } from '../../common/contracts/index.ts';
import { type InventoryState, isFinished } from './cluster-state.ts';
import { type NodeFacts, nodeFacts } from './node-facts.ts';
import { nodeOwner } from './node-owner.ts';
import type { NodePrice } from './node-prices.ts';

/** A node as a person sees it. */
export function viewNode(
  state: InventoryState,
  node: InventoryNode,
  priceOf: (facts: NodeFacts) => NodePrice,
): NodeView {
  const facts = nodeFacts(node);
  const price = priceOf(facts);
  const isKnown = 'priceMicroUsdPerHour' in price;
  return {
    name: node.name,
    uid: node.uid,
    ...facts,
    ready: node.ready,
    cordoned: node.unschedulable,
    createdAt: node.createdAt,
    allocatable: node.allocatable,
    requested: state.requestedOn(node.name),
    used: state.nodeUsage.get(node.name) ?? null,
    priceMicroUsdPerHour: isKnown ? price.priceMicroUsdPerHour : null,
    priceProvenance: isKnown ? price.provenance : null,
    priceUnknownReason: isKnown ? null : price.unknown,
    owner: nodeOwner(node),
  };
}

/** A pod as a person sees it. */
export function viewPod(state: InventoryState, pod: InventoryPod): PodView {
  const { namespace, name, uid, nodeName, phase, ready, terminating, ownerKind, ownerName, createdAt } = pod;
  return {
    namespace,
    name,
    uid,
    nodeName,
    phase,
    ready,
    terminating,
    ownerKind,
    ownerName,
    createdAt,
    requests: pod.requests,
    used: state.podMeasures.get(`${namespace}/${name}`)?.used ?? null,
  };
}

/** Figures of a summary that follow from what runs. */
export type ClusterFigures = Omit<
  ClusterSummary,
  'id' | 'name' | 'state' | 'agentVersion' | 'enrolledAt' | 'lastSeenAt' | 'dataAt'
>;

/**
 * Counts and sums over a cluster. Pods that have ended are not counted. Cost is the sum of the known prices, `null`
 * when none is known; how many nodes it leaves out is told beside it.
 */
export function summarize(state: InventoryState, priceOf: (facts: NodeFacts) => NodePrice): ClusterFigures {
  let spotNodes = 0;
  let cost = 0;
  let nodesWithUnknownPrice = 0;
  const requested = { cpuMilli: 0, memoryBytes: 0 };
  const allocatable = { cpuMilli: 0, memoryBytes: 0 };
  const nodesByRegion = new Map<string, number>();
  for (const node of state.nodes.values()) {
    const facts = nodeFacts(node);
    const price = priceOf(facts);
    if (facts.capacityType === 'spot') spotNodes++;
    if (facts.region !== null) nodesByRegion.set(facts.region, (nodesByRegion.get(facts.region) ?? 0) + 1);
    if ('priceMicroUsdPerHour' in price) cost += price.priceMicroUsdPerHour;
    else nodesWithUnknownPrice++;
    const own = state.requestedOn(node.name);
    requested.cpuMilli += own.cpuMilli;
    requested.memoryBytes += own.memoryBytes;
    allocatable.cpuMilli += node.allocatable.cpuMilli;
    allocatable.memoryBytes += node.allocatable.memoryBytes;
  }
  let pods = 0;
  let pendingPods = 0;
  for (const pod of state.pods.values()) {
    if (isFinished(pod)) continue;
    pods++;
    if (pod.phase === 'Pending') pendingPods++;
  }
  const [region] = [...nodesByRegion].sort(([a, x], [b, y]) => y - x || a.localeCompare(b))[0] ?? [null];
  return {
    region,
    nodes: state.nodes.size,
    spotNodes,
    pods,
    pendingPods,
    costMicroUsdPerHour: state.nodes.size > nodesWithUnknownPrice ? cost : null,
    nodesWithUnknownPrice,
    requestedCpuShare: share(requested.cpuMilli, allocatable.cpuMilli),
    requestedMemoryShare: share(requested.memoryBytes, allocatable.memoryBytes),
  };
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
