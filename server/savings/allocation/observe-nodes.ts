import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import type { NodeView } from '../../../common/contracts/index.ts';
import type { PodMeasure } from '../../clusters/index.ts';
import type { HolderObservation, NodeCapacity, NodeObservation } from './measured-hour.ts';

/** What of an instance type its price is paid for; `undefined` where the catalog does not know it. */
export type CapacityOf = (instanceType: string) => NodeCapacity | undefined;

/** An older measure says nothing of now. */
const MEASURE_AGE_MS = 5 * 60_000;
const KIB = 1024;

/** Labels that tell pods of one workload apart, or are set anew with each version: they group nothing. */
const PASSING_LABELS = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
]);

/**
 * Who holds what of each node now. A pod holds a node from when it is bound to it until it has ended. Of CPU and of memory each
 * container holds the larger of request and usage (OpenCost specification, "Workload Costs": max(request, usage)); where usage is
 * not known, its request.
 */
export function observeNodes(parts: {
  readonly nodes: readonly NodeView[];
  readonly pods: readonly InventoryPod[];
  readonly measureOf: (pod: InventoryPod) => PodMeasure | undefined;
  readonly workloadOf: (pod: InventoryPod) => string | null;
  readonly capacityOf: CapacityOf;
  readonly nowMs: number;
}): NodeObservation[] {
  const { nodes, pods, capacityOf, nowMs } = parts;
  const holders = new Map<string, HolderObservation[]>(nodes.map(({ name }) => [name, []]));
  for (const pod of pods) {
    if (pod.nodeName === null || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    const measure = parts.measureOf(pod);
    const isFresh = measure !== undefined && nowMs - measure.at <= MEASURE_AGE_MS;
    holders.get(pod.nodeName)?.push({
      workload: nameOfHolder(pod, parts.workloadOf(pod)),
      labels: lastingLabels(pod.labels),
      ...heldBy(pod, isFresh ? measure : undefined),
    });
  }
  return nodes.map(node => ({
    uid: node.uid,
    name: node.name,
    instanceType: node.instanceType,
    zone: node.zone,
    capacityType: node.capacityType,
    capacity: (node.instanceType === null ? undefined : capacityOf(node.instanceType)) ?? {
      cpuMilli: Math.ceil(node.allocatable.cpuMilli),
      memoryKib: Math.ceil(node.allocatable.memoryBytes / KIB),
      gpus: 0,
      from: 'allocatable',
    },
    priceMicroUsdPerHour: node.priceMicroUsdPerHour,
    provenance: node.priceProvenance,
    unknownReason: node.priceUnknownReason,
    holders: holders.get(node.name) ?? [],
  }));
}

/** Pods of their own stand for themselves; static pods are one workload, whichever node they are on. */
function nameOfHolder(pod: InventoryPod, workload: string | null): string {
  if (pod.isMirror) {
    const suffix = `-${pod.nodeName}`;
    const name = pod.name.endsWith(suffix) ? pod.name.slice(0, -suffix.length) : pod.name;
    return `StaticPod/${pod.namespace}/${name}`;
  }
  return workload ?? `Pod/${pod.namespace}/${pod.name}`;
}

function lastingLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !PASSING_LABELS.has(name)));
}

function heldBy(
  pod: InventoryPod,
  measure: PodMeasure | undefined,
): Pick<HolderObservation, 'cpuMilli' | 'memoryKib' | 'requestOnly'> {
  // An agent of version 1 tells of pods only.
  if (pod.containers === undefined || (measure !== undefined && measure.containers === undefined)) {
    const { requests } = pod;
    return {
      cpuMilli: Math.ceil(Math.max(requests.cpuMilli, measure?.used.cpuMilli ?? 0)),
      memoryKib: Math.ceil(Math.max(requests.memoryBytes, measure?.used.memoryBytes ?? 0) / KIB),
      requestOnly: measure === undefined,
    };
  }
  const used = new Map(measure?.containers?.map(one => [one.name, one.used]));
  let cpuMilli = 0;
  let memoryBytes = 0;
  let requestOnly = false;
  for (const { name, requests } of pod.containers) {
    const now = used.get(name);
    if (now === undefined) requestOnly = true;
    cpuMilli += Math.max(requests.cpuMilli ?? 0, now?.cpuMilli ?? 0);
    memoryBytes += Math.max(requests.memoryBytes ?? 0, now?.memoryBytes ?? 0);
  }
  return { cpuMilli: Math.ceil(cpuMilli), memoryKib: Math.ceil(memoryBytes / KIB), requestOnly };
}
