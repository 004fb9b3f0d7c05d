import type { InventoryContainer } from '../agent-protocol/index.ts';
import { bytesFromQuantity, cpuMilliFromQuantity } from '../units/index.ts';
import type { ContainerSpec, ContainerStatus, PodObject } from './kubernetes-objects.ts';
import { statedHeap } from './stated-heap.ts';

/** Declares the heap of a container where nothing else states it: `cloudoptim.io/heap.app: 768Mi`. */
const heapAnnotation = 'cloudoptim.io/heap.';
/** What every container waits for before its first start. */
const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/** The containers that run side by side in a pod: its own and its sidecars (init containers that stay). */
export function projectContainers({
  metadata = {},
  spec = {},
  status = {},
}: PodObject): InventoryContainer[] {
  const specs = [
    ...(spec.containers ?? []),
    ...(spec.initContainers ?? []).filter(one => one.restartPolicy === 'Always'),
  ];
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  return specs.map(one =>
    projectContainer(
      one,
      statuses.find(({ name }) => name === one.name),
      metadata.annotations?.[heapAnnotation + (one.name ?? '')],
    ),
  );
}

function projectContainer(
  spec: ContainerSpec,
  status: ContainerStatus | undefined,
  declaredHeap: string | undefined,
): InventoryContainer {
  const startedAt = timeOf(status?.state?.running?.startedAt);
  const ended = status?.lastState?.terminated;
  const oomKilledAt = ended?.reason === 'OOMKilled' ? timeOf(ended.finishedAt) : undefined;
  const waiting = status?.state?.waiting?.reason;
  const heap = statedHeap(spec, declaredHeap);
  return {
    name: spec.name ?? '',
    requests: stated(spec.resources?.requests),
    limits: stated(spec.resources?.limits),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(oomKilledAt === undefined ? {} : { oomKilledAt }),
    ...(waiting === undefined || STARTING.has(waiting) ? {} : { waiting }),
    ...(heap === undefined ? {} : { heap }),
  };
}

function stated(quantities: Readonly<Record<string, string>> | undefined): InventoryContainer['requests'] {
  const cpuMilli = quantities?.cpu === undefined ? undefined : cpuMilliFromQuantity(quantities.cpu);
  const memoryBytes = quantities?.memory === undefined ? undefined : bytesFromQuantity(quantities.memory);
  return {
    ...(cpuMilli === undefined ? {} : { cpuMilli }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

function timeOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}
