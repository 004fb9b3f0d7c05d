import type { InventoryHorizontalAutoscaler } from '../../../common/agent-protocol/index.ts';
import { MS_PER_DAY } from '../../../common/units/index.ts';
import type { UsageProfile } from '../../clusters/index.ts';
import type { ContainerToSize, SizingState, WorkloadToSize } from './sizing-state.ts';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;
/** The present of these states: a Thursday, 14 days after the first sample. */
export const NOW = 1_795_651_200_000;

/** Usage spread narrowly around figures, over 14 days with two weekends. */
export function usageOf(
  cpuMilli: number,
  memoryBytes: number,
  change: Partial<UsageProfile> = {},
): UsageProfile {
  const spread = (value: number) => ({
    p99: value,
    max: value,
    mean: value * 0.6,
    target: value,
    recent: value * 0.8,
  });
  return {
    workload: 'Deployment/shop/web',
    container: 'app',
    samples: 80_000,
    days: 14,
    weekendDays: 4,
    hours: 24,
    firstSeenAt: NOW - 14 * MS_PER_DAY,
    lastSeenAt: NOW - 60_000,
    cpuMilli: spread(cpuMilli),
    memoryBytes: spread(memoryBytes),
    startUp: null,
    pods: { min: 3, max: 3 },
    ...change,
  };
}

/** Container `app` that asks for a core and 2 GiB and uses 300 m and 700 MiB. */
export function containerOf(change: Partial<ContainerToSize> = {}): ContainerToSize {
  return {
    name: 'app',
    requests: { cpuMilli: 1000, memoryBytes: 2 * GIB },
    limits: {},
    usage: usageOf(300, 700 * MIB),
    kills: [],
    ...change,
  };
}

/** Deployment shop/web with three pods on node `n`. */
export function workloadOf(
  containers: readonly ContainerToSize[] = [containerOf()],
  change: Partial<WorkloadToSize> = {},
): WorkloadToSize {
  return {
    key: 'Deployment/shop/web',
    kind: 'Deployment',
    namespace: 'shop',
    name: 'web',
    isStatic: false,
    containers,
    podNodes: ['n', 'n', 'n'],
    horizontal: [],
    vertical: [],
    ...change,
  };
}

/** A cluster whose node `n` has 4 cores and 16 GiB for $0.192/h. */
export function sizingState(
  workloads: readonly WorkloadToSize[],
  priceMicroUsdPerHour: number | null = 192_000,
): SizingState {
  const allocatable = { cpuMilli: 4000, memoryBytes: 16 * GIB, pods: 58 };
  return {
    clusterId: 'c1',
    asOf: NOW,
    workloads,
    nodes: [{ name: 'n', allocatable, priceMicroUsdPerHour }],
  };
}

/** Keeps CPU at 70 % of the request with 3 to 10 replicas. */
export function autoscalerOf(
  change: Partial<InventoryHorizontalAutoscaler> = {},
): InventoryHorizontalAutoscaler {
  return {
    kind: 'HorizontalPodAutoscaler',
    namespace: 'shop',
    name: 'web',
    uid: 'h',
    targetKind: 'Deployment',
    targetName: 'web',
    minReplicas: 3,
    maxReplicas: 10,
    utilization: [{ resource: 'cpu', percent: 70 }],
    metrics: 1,
    ...change,
  };
}
