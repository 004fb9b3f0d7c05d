import type {
  InventoryBudget,
  InventoryNode,
  InventoryPod,
  InventoryWorkload,
} from '../../common/agent-protocol/index.ts';
import type { CapacityType, CatalogType, ClusterSummary, NodeView } from '../../common/contracts/index.ts';
import { type Pool, poolKey } from '../../common/units/index.ts';
import type { DecisionForecasts, DecisionState } from './engines/engine.ts';
import { FleetBill } from './fleet-bill.ts';
import type { PriceForecasts, TypeCatalog } from './neighbours.ts';
import type { MachineCatalog } from './snapshot/machine-market.ts';

export const GIB = 2 ** 30;

/** A node at rest: m5.xlarge on-demand at $0.192/h unless said otherwise. */
export function nodeAt(name: string, change: Partial<NodeView> = {}): NodeView {
  return {
    name,
    uid: `uid-${name}`,
    instanceType: 'm5.xlarge',
    zone: 'us-east-1a',
    region: 'us-east-1',
    capacityType: 'on-demand' as CapacityType,
    arch: 'amd64',
    ready: true,
    cordoned: false,
    createdAt: 0,
    allocatable: { cpuMilli: 3920, memoryBytes: 14 * GIB, pods: 58 },
    requested: { cpuMilli: 0, memoryBytes: 0, pods: 0 },
    used: null,
    priceMicroUsdPerHour: 192_000,
    priceProvenance: { source: 'catalog', asOf: 0 },
    priceUnknownReason: null,
    ...change,
  };
}

/** A running pod of Deployment shop/web by its ReplicaSet. */
export function podOn(
  nodeName: string | null,
  name: string,
  change: Partial<InventoryPod> = {},
): InventoryPod {
  return {
    kind: 'Pod',
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    labels: { app: 'web' },
    nodeName,
    phase: 'Running',
    ready: true,
    terminating: false,
    createdAt: 0,
    ownerKind: 'ReplicaSet',
    ownerName: 'web-1',
    requests: { cpuMilli: 500, memoryBytes: GIB },
    priority: null,
    nodeSelector: {},
    tolerations: [],
    hasLocalStorage: false,
    hasAffinity: false,
    isMirror: false,
    doNotDisrupt: false,
    ...change,
  };
}

/** A budget of namespace shop over the pods with these labels. */
export function budgetOf(
  name: string,
  matchLabels: Record<string, string>,
  disruptionsAllowed: number,
): InventoryBudget {
  return {
    kind: 'PodDisruptionBudget',
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    selector: { matchLabels },
    minAvailable: '1',
    maxUnavailable: null,
    disruptionsAllowed,
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 1,
  };
}

const web = { namespace: 'shop', replicas: 3, readyReplicas: 3 };

/** Deployment shop/web and its ReplicaSet. */
export const webWorkloads: InventoryWorkload[] = [
  { kind: 'Deployment', name: 'web', uid: 'd', ownerKind: null, ownerName: null, ...web },
  { kind: 'ReplicaSet', name: 'web-1', uid: 'r', ownerKind: 'Deployment', ownerName: 'web', ...web },
];

const nothingKnown = { shapes: [], claims: [], volumes: [], storageClasses: [], namespaces: [] };

/** A live cluster `c1` in us-east-1. */
export function stateOf(
  nodes: readonly NodeView[],
  pods: readonly InventoryPod[],
  more: {
    budgets?: InventoryBudget[];
    workloads?: InventoryWorkload[];
    state?: ClusterSummary['state'];
  } = {},
): DecisionState {
  const cluster: ClusterSummary = {
    id: 'c1',
    name: 'shop',
    region: 'us-east-1',
    state: more.state ?? 'live',
    agentVersion: '1',
    enrolledAt: 0,
    lastSeenAt: 0,
    nodes: nodes.length,
    spotNodes: 0,
    pods: pods.length,
    pendingPods: 0,
    costMicroUsdPerHour: null,
    nodesWithUnknownPrice: 0,
    requestedCpuShare: null,
    requestedMemoryShare: null,
  };
  const { budgets = [], workloads = webWorkloads } = more;
  const openBill = () => new FleetBill(nodes, undefined);
  return {
    cluster,
    nodes,
    inventory: { nodes: nodes.map(inventoryNodeOf), pods, budgets, workloads },
    scheduling: nothingKnown,
    asOf: 0,
    underWay: [],
    openBill,
  };
}

function inventoryNodeOf(node: NodeView): InventoryNode {
  const { name, uid, zone, region, arch, instanceType, ready, cordoned, createdAt, allocatable } = node;
  return {
    kind: 'Node',
    name,
    uid,
    providerId: `aws:///${zone}/i-${name}`,
    labels: {
      'karpenter.sh/nodepool': 'default',
      'karpenter.sh/registered': 'true',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': arch ?? '',
      'topology.kubernetes.io/region': region ?? '',
      'topology.kubernetes.io/zone': zone ?? '',
      'node.kubernetes.io/instance-type': instanceType ?? '',
    },
    taints: [],
    unschedulable: cordoned,
    ready,
    createdAt,
    allocatable,
  };
}

/** A catalog type; allocatable is a little less than its size. */
function typeOf(instanceType: string, vcpu: number, memoryGib: number): CatalogType {
  return {
    instanceType,
    vcpu,
    memoryMib: memoryGib * 1024,
    arch: 'amd64',
    gpuCount: 0,
    pods: 58,
    allocatableCpuMilli: vcpu * 1000 - 80,
    allocatableMemoryMib: memoryGib * 900,
    onDemandMicroUsdPerHour: vcpu * 48_000,
    interruptionBand: { label: '<5%', maxPercent: 5 },
  };
}

export const smallTypes = [
  typeOf('m5.large', 2, 8),
  typeOf('m5.xlarge', 4, 16),
  typeOf('m6i.xlarge', 4, 16),
  typeOf('r5.xlarge', 4, 32),
];

/** Prices by `type/zone`, predicted to stay, at 5 % interruptions. */
export function forecastsOf(
  prices: Record<string, number>,
  types: readonly CatalogType[] = smallTypes,
): DecisionForecasts {
  return {
    types,
    pools: new Map(
      Object.entries(prices).map(([place, price]) => {
        const [instanceType = '', availabilityZone = ''] = place.split('/');
        const pool: Pool = { region: 'us-east-1', availabilityZone, instanceType, product: 'Linux/UNIX' };
        const outlook = {
          pool,
          priceMicroUsdPerHour: price,
          predictedMicroUsdPerHour: price,
          by: 'persistence',
          horizonHours: 24,
          interruptionMaxPercentPerMonth: 5,
        };
        return [poolKey(pool), outlook];
      }),
    ),
    poolsOfWorkload: new Map(),
  };
}

/** A market with fixed prices behind the interfaces of its rooms. */
export function marketOf(forecasts: DecisionForecasts): {
  market: { catalog: TypeCatalog['catalog'] & MachineCatalog };
  forecasting: PriceForecasts;
} {
  return {
    market: {
      catalog: {
        all: () => forecasts.types,
        typeOf: name =>
          forecasts.types.some(({ instanceType }) => instanceType === name)
            ? { bareMetal: false, burstable: false, currentGeneration: true }
            : undefined,
        onDemandMicroUsdPerHour: (_region, name) =>
          forecasts.types.find(({ instanceType }) => instanceType === name)?.onDemandMicroUsdPerHour ??
          undefined,
        commitments: () => null,
        applyCommitments: () => ({ totalMicroUsdPerHour: 0 }),
      },
    },
    forecasting: {
      forecastFor: async (asked, subjects) => {
        const wanted = new Set(asked.map(poolKey));
        const known = (pools: DecisionForecasts['pools']) =>
          new Map([...pools].filter(([key]) => wanted.has(key)));
        const ofCluster = known(forecasts.pools);
        return subjects.map(({ workload }) => {
          const own = forecasts.poolsOfWorkload.get(workload ?? '');
          return own ? known(own) : ofCluster;
        });
      },
      interruptionRisks: async asked =>
        new Map(
          asked.flatMap(pool => {
            const key = poolKey(pool);
            const maxPercentPerMonth = forecasts.pools.get(key)?.interruptionMaxPercentPerMonth;
            return maxPercentPerMonth === undefined
              ? []
              : [[key, { maxPercentPerMonth, source: 'advisor' as const }] as const];
          }),
        ),
      poolNotices: async () => new Map(),
    },
  };
}
