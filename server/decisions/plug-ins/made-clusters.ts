import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import type { CatalogType, NodeView } from '../../../common/contracts/index.ts';
import { seededRandom } from '../../../common/seeded-random.ts';
import { type Pool, poolKey } from '../../../common/units/index.ts';
import type { DecisionForecasts, DecisionState, PoolOutlook } from '../engines/engine.ts';
import { SPOT_PRODUCT } from '../engines/spot/spot-candidates.ts';
import { FleetBill } from '../fleet-bill.ts';

/** A cluster that an engine is tried on, and its market. */
export interface MadeCluster {
  readonly name: string;
  readonly state: DecisionState;
  readonly forecasts: DecisionForecasts;
}

const REGION = 'us-east-1';
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const GIB = 1024 ** 3;
const MIB_PER_GIB = 1024;

/** Families with GiB per vCPU; sizes with vCPU. Prices are invented and only need to differ. */
const FAMILIES = [
  { family: 'm5', arch: 'amd64', gibPerCpu: 4 },
  { family: 'c6i', arch: 'amd64', gibPerCpu: 2 },
  { family: 'r6i', arch: 'amd64', gibPerCpu: 8 },
  { family: 'm7g', arch: 'arm64', gibPerCpu: 4 },
] as const;
const SIZES = [
  { size: 'large', vcpu: 2 },
  { size: 'xlarge', vcpu: 4 },
  { size: '2xlarge', vcpu: 8 },
] as const;

const types: readonly CatalogType[] = FAMILIES.flatMap(({ family, arch, gibPerCpu }) =>
  SIZES.map(({ size, vcpu }) => ({
    instanceType: `${family}.${size}`,
    vcpu,
    memoryMib: vcpu * gibPerCpu * MIB_PER_GIB,
    arch,
    gpuCount: 0,
    pods: 58,
    allocatableCpuMilli: vcpu * 1000 - 80,
    allocatableMemoryMib: vcpu * gibPerCpu * 900,
    onDemandMicroUsdPerHour: vcpu * (30_000 + gibPerCpu * 4_500),
    interruptionBand: { label: '<5%', maxPercent: 5 },
  })),
);

/** The same for the same seed; with nodes of unknown price, pools of unknown risk, budgets that allow nothing, and pods that stay. */
export function madeCluster(name: string, nodeCount: number, podsPerNode: number, seed: number): MadeCluster {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const bare = Array.from({ length: nodeCount }, (_, index) =>
    madeNode(index, pick(types), pick(ZONES), random()),
  );
  const pods = bare.flatMap(node =>
    Array.from({ length: Math.floor(random() * (podsPerNode + 1)) }, (_, index) =>
      madePod(node, index, random),
    ),
  );
  const nodes = withRequests(bare, pods);
  const pools = new Map(
    types
      .flatMap(type => ZONES.flatMap(zone => madeOutlook(type, zone, random)))
      .map(outlook => [poolKey(outlook.pool), outlook]),
  );
  return {
    name,
    forecasts: { types, pools, poolsOfWorkload: new Map() },
    state: {
      cluster: {
        id: name,
        name,
        region: REGION,
        state: 'live',
        agentVersion: '1',
        enrolledAt: 0,
        lastSeenAt: 0,
        nodes: nodes.length,
        spotNodes: nodes.filter(node => node.capacityType === 'spot').length,
        pods: pods.length,
        pendingPods: 0,
        costMicroUsdPerHour: null,
        nodesWithUnknownPrice: nodes.filter(node => node.priceMicroUsdPerHour === null).length,
        requestedCpuShare: null,
        requestedMemoryShare: null,
      },
      nodes,
      inventory: {
        nodes: [],
        pods,
        workloads: [0, 1, 2].flatMap(app => {
          const base = { namespace: 'shop', replicas: 3, readyReplicas: 3 };
          const own = { ownerKind: 'Deployment', ownerName: `app-${app}` };
          return [
            {
              kind: 'Deployment',
              name: `app-${app}`,
              uid: `d-${app}`,
              ownerKind: null,
              ownerName: null,
              ...base,
            },
            { kind: 'ReplicaSet', name: `app-${app}-1`, uid: `r-${app}`, ...own, ...base },
          ] as const;
        }),
        budgets: [
          {
            kind: 'PodDisruptionBudget',
            namespace: 'shop',
            name: 'app-2',
            uid: 'budget',
            selector: { matchLabels: { app: 'app-2' } },
            minAvailable: '100%',
            maxUnavailable: null,
            disruptionsAllowed: 0,
            currentHealthy: 1,
            desiredHealthy: 1,
            expectedPods: 1,
          },
        ],
      },
      scheduling: { shapes: [], claims: [], volumes: [], storageClasses: [], namespaces: [] },
      asOf: 1_700_000_000_000,
      underWay: [],
      openBill: () => new FleetBill(nodes, undefined),
    },
  };
}

function withRequests(nodes: readonly NodeView[], pods: readonly InventoryPod[]): NodeView[] {
  const byNode = Map.groupBy(pods, pod => pod.nodeName);
  return nodes.map(node => {
    const own = byNode.get(node.name) ?? [];
    const requested = {
      cpuMilli: own.reduce((sum, { requests }) => sum + requests.cpuMilli, 0),
      memoryBytes: own.reduce((sum, { requests }) => sum + requests.memoryBytes, 0),
      pods: own.length,
    };
    return { ...node, requested };
  });
}

function madeNode(index: number, type: CatalogType, zone: string, chance: number): NodeView {
  const isSpot = chance < 0.3;
  const isUnknown = chance > 0.9;
  const price = (type.onDemandMicroUsdPerHour ?? 0) * (isSpot ? 0.5 : 1);
  const allocatable = {
    cpuMilli: type.allocatableCpuMilli,
    memoryBytes: type.allocatableMemoryMib * 1024 ** 2,
    pods: type.pods,
  };
  return {
    name: `node-${String(index).padStart(4, '0')}`,
    uid: `node-uid-${index}`,
    instanceType: type.instanceType,
    zone,
    region: REGION,
    capacityType: isSpot ? 'spot' : 'on-demand',
    arch: type.arch,
    ready: true,
    cordoned: index % 29 === 28,
    createdAt: 0,
    allocatable,
    requested: { cpuMilli: 0, memoryBytes: 0, pods: 0 },
    used: null,
    priceMicroUsdPerHour: isUnknown ? null : price,
    priceProvenance: null,
    priceUnknownReason: isUnknown ? 'made so' : null,
  };
}

function madePod(node: NodeView, index: number, random: () => number): InventoryPod {
  // The budget of the last app allows nothing, so it is rare.
  const app = `app-${random() < 0.02 ? 2 : index % 2}`;
  return {
    kind: 'Pod',
    namespace: 'shop',
    name: `${app}-${node.name}-${index}`,
    uid: `pod-uid-${node.name}-${index}`,
    labels: { app },
    nodeName: node.name,
    phase: 'Running',
    ready: true,
    terminating: false,
    createdAt: 0,
    ownerKind: 'ReplicaSet',
    ownerName: `${app}-1`,
    requests: {
      cpuMilli: 20 + Math.floor(random() * 60),
      memoryBytes: Math.floor((0.05 + random() * 0.1) * GIB),
    },
    priority: null,
    nodeSelector: {},
    tolerations: [],
    hasLocalStorage: random() < 0.01,
    hasAffinity: false,
    isMirror: false,
    doNotDisrupt: random() < 0.01,
  };
}

function madeOutlook(type: CatalogType, availabilityZone: string, random: () => number): PoolOutlook[] {
  const pool: Pool = {
    region: REGION,
    availabilityZone,
    instanceType: type.instanceType,
    product: SPOT_PRODUCT,
  };
  const price = Math.round((type.onDemandMicroUsdPerHour ?? 0) * (0.2 + random() * 0.4));
  const chance = random();
  // No price is known of some pools, and no risk of others.
  if (chance < 0.1) return [];
  return [
    {
      pool,
      priceMicroUsdPerHour: price,
      predictedMicroUsdPerHour: Math.round(price * (0.9 + random() * 0.3)),
      by: 'persistence',
      horizonHours: 24,
      interruptionMaxPercentPerMonth: chance < 0.2 ? undefined : 5 + Math.floor(random() * 3) * 5,
    },
  ];
}
