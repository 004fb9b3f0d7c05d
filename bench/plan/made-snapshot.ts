import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../common/seeded-random.ts';
import type { MachineMarket } from '../../server/decisions/snapshot/machine-market.ts';

type Json = Record<string, unknown>;

interface CatalogType {
  readonly instanceType: string;
  readonly arch: 'amd64' | 'arm64';
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly gpuCount: number;
  readonly pods: number;
  readonly allocatableCpuMilli: number | null;
  readonly allocatableMemoryMib: number | null;
  readonly onDemandUsdPerHour: number | null;
}

const { types } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
) as { types: readonly CatalogType[] };
const priced = new Map(types.map(type => [type.instanceType, type]));
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const GROUPS = ['m5.xlarge', 'm5.2xlarge', 'c5.2xlarge', 'r5.xlarge'];

/** On-demand prices of the catalog that ships. */
export const catalogMarket: MachineMarket = {
  types: types.map(type => ({
    // What is not known of a type holds nothing.
    instanceType: type.instanceType,
    vcpu: type.vcpu,
    memoryMib: type.memoryMib,
    arch: type.arch,
    gpuCount: type.gpuCount,
    pods: type.pods,
    allocatableCpuMilli: type.allocatableCpuMilli ?? 0,
    allocatableMemoryMib: type.allocatableMemoryMib ?? 0,
    onDemandMicroUsdPerHour:
      type.onDemandUsdPerHour === null ? null : Math.round(type.onDemandUsdPerHour * 1e6),
    interruptionBand: null,
    isBurstable: /^t\d/.test(type.instanceType),
  })),
  priceOf: ({ instanceType, capacityType }) => {
    const price = priced.get(instanceType)?.onDemandUsdPerHour;
    return capacityType !== 'on-demand' || price == null
      ? { unknown: 'not in the catalog' }
      : { microUsdPerHour: Math.round(price * 1e6) };
  },
};

/**
 * What kubectl would print for a cluster of four node groups in three zones, about half full: deployments of 2 to 20 pods, of which some spread over
 * zones, keep apart, prefer a zone, or have a disruption budget. The same every time.
 */
export function madeSnapshot(nodes: number, pods: number): string {
  const random = seededRandom(nodes);
  const items: Json[] = [];
  const free: { name: string; cpu: number; memory: number; room: number }[] = [];
  for (let i = 0; i < nodes; i++) {
    const instanceType = GROUPS[i % GROUPS.length] as string;
    const type = priced.get(instanceType) as CatalogType;
    const [cpu, memory] = [type.allocatableCpuMilli ?? 0, type.allocatableMemoryMib ?? 0];
    const name = `node-${i}`;
    free.push({ name, cpu, memory, room: type.pods });
    items.push({
      kind: 'Node',
      metadata: {
        name,
        uid: name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/arch': 'amd64',
          'node.kubernetes.io/instance-type': instanceType,
          'topology.kubernetes.io/zone': ZONES[Math.floor(i / GROUPS.length) % ZONES.length],
          'topology.kubernetes.io/region': 'us-east-1',
          'eks.amazonaws.com/capacityType': 'ON_DEMAND',
          'eks.amazonaws.com/nodegroup': instanceType,
        },
      },
      spec: {},
      status: {
        allocatable: { cpu: `${cpu}m`, memory: `${memory}Mi`, pods: String(type.pods) },
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    });
  }
  let at = 0;
  for (let made = 0, app = 0; made < pods; app++) {
    const replicas = Math.min(pods - made, 2 + Math.floor(19 * random() ** 2));
    made += replicas;
    items.push(...workload(`app-${app}`, replicas, random, free, () => at++));
  }
  return JSON.stringify({ kind: 'List', items });
}

function workload(
  app: string,
  replicas: number,
  random: () => number,
  free: { name: string; cpu: number; memory: number; room: number }[],
  next: () => number,
): Json[] {
  const cpu = 50 + 10 * Math.floor(30 * random() ** 2);
  const memory = 64 + 16 * Math.floor(40 * random() ** 2);
  const labelSelector = { matchLabels: { app } };
  const zone = 'topology.kubernetes.io/zone';
  const spec: Json = {
    ...(random() < 0.3 && {
      topologySpreadConstraints: [
        {
          maxSkew: 3,
          topologyKey: zone,
          whenUnsatisfiable: random() < 0.5 ? 'DoNotSchedule' : 'ScheduleAnyway',
          labelSelector,
        },
      ],
    }),
    ...(random() < 0.1 && {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector },
          ],
        },
      },
    }),
    containers: [{ resources: { requests: { cpu: `${cpu}m`, memory: `${memory}Mi` } } }],
  };
  const own = { namespace: 'shop' };
  const status = { readyReplicas: replicas };
  const owner = (kind: string, name: string) => [{ kind, name, controller: true }];
  const items: Json[] = [
    { kind: 'Deployment', metadata: { ...own, name: app, uid: `d-${app}` }, spec: { replicas }, status },
    {
      kind: 'ReplicaSet',
      metadata: { ...own, name: `${app}-1`, uid: `r-${app}`, ownerReferences: owner('Deployment', app) },
      spec: { replicas },
      status,
    },
  ];
  if (random() < 0.3) {
    items.push({
      kind: 'PodDisruptionBudget',
      metadata: { ...own, name: app, uid: `b-${app}` },
      spec: { selector: labelSelector, maxUnavailable: 1 },
      status: { disruptionsAllowed: 1, currentHealthy: replicas, desiredHealthy: replicas - 1 },
    });
  }
  for (let i = 0; i < replicas; i++) {
    // Round the nodes, as a scheduler that balances does; each is filled to about half.
    let target = free[next() % free.length];
    for (let tries = 0; target && tries < 50; tries++) {
      if (target.cpu >= cpu && target.memory >= memory && target.room > 0) break;
      target = free[next() % free.length];
    }
    if (!target) continue;
    target.cpu -= cpu;
    target.memory -= memory;
    target.room--;
    items.push({
      kind: 'Pod',
      metadata: {
        ...own,
        name: `${app}-${i}`,
        uid: `${app}-${i}`,
        labels: { app },
        ownerReferences: owner('ReplicaSet', `${app}-1`),
      },
      spec: { nodeName: target.name, ...spec },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }
  return items;
}
