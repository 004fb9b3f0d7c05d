import type { AllocationGroup, AllocationReport, AllocationRow } from '../../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../../common/units/index.ts';
import type { KeptShares } from './allocation-store.ts';
import {
  addShare,
  addShares,
  describeWorkload,
  noShare,
  noShares,
  type WorkloadShare,
} from './cost-shares.ts';

/** Which part of the cost, and how it is put together. */
export interface AllocationOrder {
  readonly fromMs: number;
  readonly toMs: number;
  readonly groupBy: AllocationGroup;
  readonly label?: string | undefined;
  readonly namespace?: string | undefined;
  readonly workload?: string | undefined;
}

interface Group extends Place {
  kind: AllocationRow['kind'] | undefined;
  readonly workloads: Set<string>;
  readonly share: WorkloadShare;
  idleMicroUsd: number | null;
}

/** Groups that a node belongs to as a whole, so that what is idle on it can be told for each. */
const WITH_IDLE = new Set<AllocationGroup>(['cluster', 'hour', 'day']);

const GIB_IN_KIB = 2 ** 20;

/**
 * Puts kept shares together. Rows, idle, GPU and what the filter leaves out add up to the total to the micro-USD, because sums of
 * whole numbers are all that happens here.
 */
export async function allocationReport(
  kept: AsyncIterable<KeptShares>,
  order: AllocationOrder,
  nameOfCluster: (id: string) => string,
): Promise<AllocationReport> {
  const groups = new Map<string, Group>();
  const whole = noShares();
  let othersMicroUsd = 0;
  for await (const one of kept) {
    // What the whole cost is summed without its workloads: they are summed by group.
    addShares(whole, { ...one.shares, workloads: new Map() });
    if (WITH_IDLE.has(order.groupBy)) {
      const group = groupAt(groups, placeOf(one, '', {}, order, nameOfCluster));
      const { idleCpuMicroUsd, idleMemoryMicroUsd } = one.shares;
      group.idleMicroUsd = (group.idleMicroUsd ?? 0) + idleCpuMicroUsd + idleMemoryMicroUsd;
    }
    for (const [workload, share] of one.shares.workloads) {
      if (!isAsked(workload, order)) {
        othersMicroUsd += share.cpuMicroUsd + share.memoryMicroUsd;
        continue;
      }
      const group = groupAt(groups, placeOf(one, workload, share.labels, order, nameOfCluster));
      const { holder } = describeWorkload(workload);
      group.kind = group.kind === undefined || group.kind === holder ? holder : 'mixed';
      group.workloads.add(`${one.clusterId}\n${workload}`);
      addShare(group.share, share);
    }
  }
  const rows = [...groups.values()].map(rowOf);
  const isByTime = order.groupBy === 'hour' || order.groupBy === 'day';
  return {
    fromMs: order.fromMs,
    toMs: order.toMs,
    groupBy: order.groupBy,
    rows: rows.toSorted((a, b) =>
      isByTime
        ? Number(a.key) - Number(b.key)
        : (b.costMicroUsd ?? 0) - (a.costMicroUsd ?? 0) || (a.key < b.key ? -1 : 1),
    ),
    idle: { cpuMicroUsd: whole.idleCpuMicroUsd, memoryMicroUsd: whole.idleMemoryMicroUsd },
    gpuMicroUsd: whole.gpuMicroUsd,
    othersMicroUsd,
    totalMicroUsd: whole.costMicroUsd,
    nodeHours: whole.nodeMs / MS_PER_HOUR,
    allocatableOnlyNodeHours: whole.allocatableOnlyMs / MS_PER_HOUR,
    unpriced: [...whole.unpricedMs].map(([reason, ms]) => ({ reason, nodeHours: ms / MS_PER_HOUR })),
    unseenHours: 0,
    requestOnlyPodHours: rows.reduce((sum, row) => sum + row.requestOnlyPodHours, 0),
    podHours: rows.reduce((sum, row) => sum + row.podHours, 0),
  };
}

/** Whether a workload passes the filter. */
export function isAsked(
  workload: string,
  order: { readonly namespace?: string | undefined; readonly workload?: string | undefined },
): boolean {
  if (order.workload !== undefined && order.workload !== workload) return false;
  return order.namespace === undefined || describeWorkload(workload).namespace === order.namespace;
}

interface Place {
  readonly key: string;
  readonly clusterId: string | null;
  readonly name: string;
}

function placeOf(
  { clusterId, atMs }: KeptShares,
  workload: string,
  labels: WorkloadShare['labels'],
  { groupBy, label = '' }: AllocationOrder,
  nameOfCluster: (id: string) => string,
): Place {
  const { namespace, holder } = describeWorkload(workload);
  switch (groupBy) {
    case 'cluster':
      return { key: clusterId, clusterId, name: nameOfCluster(clusterId) };
    case 'namespace':
      return { key: namespace, clusterId, name: namespace };
    case 'workload':
      return { key: workload, clusterId, name: workload };
    case 'kind':
      return { key: holder, clusterId: null, name: holder };
    case 'label':
      return { key: labels[label] ?? '', clusterId: null, name: labels[label] ?? `without ${label}` };
    default:
      return { key: String(atMs), clusterId: null, name: new Date(atMs).toISOString() };
  }
}

function groupAt(groups: Map<string, Group>, place: Place): Group {
  const id = `${place.clusterId ?? ''}\n${place.key}`;
  const known = groups.get(id);
  if (known) return known;
  const group = {
    ...place,
    kind: undefined,
    workloads: new Set<string>(),
    share: noShare(),
    idleMicroUsd: null,
  };
  groups.set(id, group);
  return group;
}

function rowOf({ key, clusterId, name, kind, workloads, share, idleMicroUsd }: Group): AllocationRow {
  const size = workloads.size;
  return { key, clusterId, name, kind: kind ?? 'mixed', workloads: size, idleMicroUsd, ...figuresOf(share) };
}

/** Figures of a share in units for people; the cost is `null` where none of it is known. */
export function figuresOf(
  share: WorkloadShare,
): Omit<AllocationRow, 'key' | 'clusterId' | 'name' | 'kind' | 'workloads' | 'idleMicroUsd'> {
  const isUnknown = share.podMs === 0 && share.unpricedMs > 0;
  return {
    costMicroUsd: isUnknown ? null : share.cpuMicroUsd + share.memoryMicroUsd,
    cpuMicroUsd: share.cpuMicroUsd,
    memoryMicroUsd: share.memoryMicroUsd,
    cpuCoreHours: share.cpuMilliMs / 1000 / MS_PER_HOUR,
    memoryGibHours: share.memoryKibMs / GIB_IN_KIB / MS_PER_HOUR,
    podHours: share.podMs / MS_PER_HOUR,
    requestOnlyPodHours: share.requestOnlyMs / MS_PER_HOUR,
    unpricedPodHours: share.unpricedMs / MS_PER_HOUR,
  };
}
