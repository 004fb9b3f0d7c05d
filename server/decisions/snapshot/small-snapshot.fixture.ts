import type { MachineMarket } from './machine-market.ts';
import type { MachineType } from './node-templates.ts';

type Json = Record<string, unknown>;

const PRICES: Readonly<Record<string, number>> = {
  'm5.large': 96_000,
  'm5.xlarge': 192_000,
  'm5.2xlarge': 384_000,
  'm7g.large': 40_000,
  't3.large': 20_000,
};

/** A market with few types; Graviton and burstable ones are the cheapest, and must not be taken without a sign that they may be. */
export const smallMarket: MachineMarket = {
  types: Object.keys(PRICES).map((instanceType): MachineType => {
    const vcpu = instanceType.endsWith('.2xlarge') ? 8 : instanceType.endsWith('.xlarge') ? 4 : 2;
    return {
      instanceType,
      vcpu,
      memoryMib: vcpu * 4096,
      arch: instanceType.startsWith('m7g') ? 'arm64' : 'amd64',
      gpuCount: 0,
      pods: 58,
      allocatableCpuMilli: vcpu * 1000 - 80,
      allocatableMemoryMib: vcpu * 3600,
      onDemandMicroUsdPerHour: PRICES[instanceType] ?? null,
      interruptionBand: null,
      isBurstable: instanceType.startsWith('t3'),
    };
  }),
  priceOf: ({ instanceType, capacityType }) => {
    const price = capacityType === 'on-demand' ? PRICES[instanceType] : undefined;
    return price === undefined ? { unknown: 'not on the list' } : { microUsdPerHour: price };
  },
};

/** An m5.xlarge of group `web` in us-east-1a. */
export function node(name: string, change: { labels?: Json; annotations?: Json; spec?: Json } = {}): Json {
  return {
    kind: 'Node',
    metadata: {
      name,
      uid: name,
      annotations: change.annotations ?? {},
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': 'amd64',
        'node.kubernetes.io/instance-type': 'm5.xlarge',
        'topology.kubernetes.io/zone': 'us-east-1a',
        'topology.kubernetes.io/region': 'us-east-1',
        'eks.amazonaws.com/capacityType': 'ON_DEMAND',
        'eks.amazonaws.com/nodegroup': 'web',
        ...change.labels,
      },
    },
    spec: change.spec ?? {},
    status: {
      allocatable: { cpu: '3920m', memory: `${4 * 3600}Mi`, pods: '58' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

/** A pod of Deployment `app` in namespace shop; `on` is its node, `null` for a pending one. */
export function pod(
  name: string,
  app: string,
  on: string | null,
  change: { metadata?: Json; spec?: Json } = {},
): Json {
  return {
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      labels: { app },
      ownerReferences: [{ kind: 'ReplicaSet', name: `${app}-1`, controller: true }],
      ...change.metadata,
    },
    spec: {
      ...(on === null ? {} : { nodeName: on }),
      containers: [{ resources: { requests: { cpu: '500m', memory: '512Mi' } } }],
      ...change.spec,
    },
    status: { phase: on === null ? 'Pending' : 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

/** A Deployment and its ReplicaSet. */
export function deployment(app: string, replicas: number): Json[] {
  const status = { readyReplicas: replicas };
  const metadata = { namespace: 'shop' };
  return [
    { kind: 'Deployment', metadata: { ...metadata, name: app, uid: `d-${app}` }, spec: { replicas }, status },
    {
      kind: 'ReplicaSet',
      metadata: {
        ...metadata,
        name: `${app}-1`,
        uid: `r-${app}`,
        ownerReferences: [{ kind: 'Deployment', name: app, controller: true }],
      },
      spec: { replicas },
      status,
    },
  ];
}

/** A PodDisruptionBudget over the pods of an app. */
export function budget(app: string, disruptionsAllowed: number): Json {
  return {
    kind: 'PodDisruptionBudget',
    metadata: { namespace: 'shop', name: app, uid: `b-${app}` },
    spec: { selector: { matchLabels: { app } }, minAvailable: 1 },
    status: { disruptionsAllowed, currentHealthy: 4, desiredHealthy: 1, expectedPods: 4 },
  };
}

/** What kubectl prints. */
export function listOf(...items: readonly (Json | readonly Json[])[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: items.flat() });
}
