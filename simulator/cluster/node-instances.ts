import type { KubernetesObject, Node, Taint } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { formatTime } from './object-store.ts';
import type { Random } from './random.ts';

/** An instance type of the catalog, as far as nodes need it. */
export interface CatalogType {
  readonly instanceType: string;
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly arch: string;
  readonly pods: number;
  readonly allocatableCpuMilli: number;
  readonly allocatableMemoryMib: number;
  /** List price; `null` when unknown, and then it is never launched on demand. */
  readonly onDemandUsdPerHour: number | null;
  readonly gpuCount?: number;
}

/** How a node is paid for. */
export type CapacityType = 'spot' | 'on-demand';

/** A node to bring up. `managedBy` decides the labels: a Karpenter NodePool by its name, or none. */
interface NodeRequest {
  readonly type: CatalogType;
  readonly region: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly managedBy: { readonly nodepool: string } | 'launch-template';
  /** A new one unless given. */
  readonly instanceId?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
}

/** The pretend EC2 instances behind the node objects. */
export interface NodeInstances {
  /** A new instance with its Ready node object. */
  launch(request: NodeRequest): Node;
  /** Whether the node has an instance whose kubelet runs. */
  hasKubelet(nodeName: string): boolean;
  /** Its kubelet has never said that it is ready, and never will. */
  neverStart(nodeName: string, nowMs: number): void;
  /** Stops the kubelet: the node becomes NotReady, its pods stay as they are. */
  stopKubelet(nodeName: string, nowMs: number): void;
  /** The instance goes away; the node object and its pods follow. `false` when there is no such node. */
  terminate(nodeName: string): boolean;
  /** Marks nodes with a dead kubelet, renews the leases of the living, forgets instances whose node object is gone. */
  tick(nowMs: number): void;
}

const LEASE_MS = 10_000;
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** No instances yet. A kubelet that is silent for `silentMs` makes its node NotReady. */
export function createNodeInstances(store: ObjectStore, random: Random, silentMs: number): NodeInstances {
  const stoppedAtMs = new Map<string, number | undefined>();
  let leasesRenewedMs = Number.NEGATIVE_INFINITY;

  return {
    launch: request => {
      const node = launchNode(store, random, request);
      stoppedAtMs.set(node.metadata.name, undefined);
      store.create('leases', {
        metadata: { name: node.metadata.name, namespace: 'kube-node-lease' },
        spec: {
          holderIdentity: node.metadata.name,
          leaseDurationSeconds: 40,
          renewTime: node.metadata.creationTimestamp,
        },
      });
      return node;
    },
    hasKubelet: name => stoppedAtMs.has(name) && stoppedAtMs.get(name) === undefined,
    stopKubelet: (name, nowMs) => {
      if (stoppedAtMs.has(name)) stoppedAtMs.set(name, nowMs);
    },
    neverStart: (name, nowMs) => {
      stoppedAtMs.set(name, nowMs);
      store.update('nodes', undefined, name, node =>
        node.status ? { ...node, status: notReady(node.status) } : node,
      );
    },
    terminate: name => store.remove('nodes', undefined, name) !== undefined,
    tick: nowMs => {
      const renew = nowMs - leasesRenewedMs >= LEASE_MS;
      if (renew) leasesRenewedMs = nowMs;
      for (const [name, stopped] of stoppedAtMs) {
        const node = store.get('nodes', undefined, name);
        if (!node) {
          stoppedAtMs.delete(name);
          store.remove('leases', 'kube-node-lease', name);
        } else if (stopped !== undefined) {
          if (nowMs - stopped >= silentMs) markUnreachable(store, node, nowMs);
        } else if (renew) {
          renewLease(store, name, nowMs);
        }
      }
    },
  };
}

function launchNode(store: ObjectStore, random: Random, request: NodeRequest): Node {
  const { type, region, zone, capacityType } = request;
  for (;;) {
    const address = `10.0.${random.integer(96)}.${4 + random.integer(250)}`;
    const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
    const name = `ip-${address.replaceAll('.', '-')}.${domain}`;
    const instanceId = request.instanceId ?? `i-0${random.hex(16)}`;
    const created = store.create('nodes', {
      metadata: {
        name,
        labels: {
          ...nodeLabels(request, name),
          ...request.labels,
        },
        annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
      },
      spec: {
        providerID: `aws:///${zone}/${instanceId}`,
        ...(request.taints && request.taints.length > 0 ? { taints: request.taints } : {}),
      },
    });
    // Two nodes may draw the same address; the next draw settles it.
    if (!created) continue;
    const updated = store.update('nodes', undefined, name, node => ({
      ...node,
      status: nodeStatus(node, type, name, address, capacityType),
    }));
    return updated ?? created;
  }
}

function nodeLabels(request: NodeRequest, name: string): Record<string, string> {
  const { type, region, zone, capacityType, managedBy } = request;
  const [family, size] = type.instanceType.split('.');
  return {
    'beta.kubernetes.io/arch': type.arch,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': type.arch,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': name,
    'node.kubernetes.io/instance-type': type.instanceType,
    'topology.kubernetes.io/region': region,
    'topology.kubernetes.io/zone': zone,
    'k8s.io/cloud-provider-aws': 'pretend',
    ...(managedBy === 'launch-template'
      ? { 'node.kubernetes.io/lifecycle': capacityType === 'spot' ? 'spot' : 'normal' }
      : {
          'karpenter.sh/nodepool': managedBy.nodepool,
          'karpenter.sh/capacity-type': capacityType,
          'karpenter.sh/registered': 'true',
          'karpenter.sh/initialized': 'true',
          'karpenter.k8s.aws/instance-family': family ?? '',
          'karpenter.k8s.aws/instance-size': size ?? '',
        }),
  };
}

function nodeStatus(
  node: KubernetesObject,
  type: CatalogType,
  name: string,
  address: string,
  capacityType: CapacityType,
): NonNullable<Node['status']> {
  const at = node.metadata.creationTimestamp;
  const quiet = [
    ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ] as const;
  const extras = {
    'ephemeral-storage': '83873772Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    pods: String(type.pods),
  };
  const gpus = type.gpuCount ? { 'nvidia.com/gpu': String(type.gpuCount) } : {};
  return {
    capacity: { cpu: String(type.vcpu), memory: `${type.memoryMib * 1024}Ki`, ...extras, ...gpus },
    allocatable: {
      cpu: `${type.allocatableCpuMilli}m`,
      memory: `${type.allocatableMemoryMib * 1024}Ki`,
      ...extras,
      ...gpus,
    },
    conditions: [
      ...quiet.map(([condition, reason, message]) => ({
        type: condition,
        status: 'False' as const,
        reason,
        message,
        lastHeartbeatTime: at,
        lastTransitionTime: at,
      })),
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        lastHeartbeatTime: at,
        lastTransitionTime: at,
      },
    ],
    addresses: [
      { type: 'InternalIP', address },
      { type: 'InternalDNS', address: name },
      { type: 'Hostname', address: name },
    ],
    nodeInfo: {
      architecture: type.arch,
      operatingSystem: 'linux',
      osImage: 'Amazon Linux 2023.9.20260720',
      kernelVersion: '6.12.40-64.114.amzn2023.x86_64',
      containerRuntimeVersion: 'containerd://2.1.4',
      kubeletVersion: 'v1.35.6-eks-pretend',
      kubeProxyVersion: 'v1.35.6-eks-pretend',
      machineID: `ec2${capacityType === 'spot' ? '1' : '0'}${node.metadata.uid.replaceAll('-', '').slice(4)}`,
      systemUUID: node.metadata.uid,
      bootID: node.metadata.uid,
    },
  };
}

function notReady(status: NonNullable<Node['status']>): NonNullable<Node['status']> {
  const conditions = (status.conditions ?? []).map(condition =>
    condition.type === 'Ready'
      ? {
          ...condition,
          status: 'False' as const,
          reason: 'KubeletNotReady',
          message: 'container runtime network not ready: cni plugin not initialized',
        }
      : condition,
  );
  return { ...status, conditions };
}

function renewLease(store: ObjectStore, name: string, nowMs: number): void {
  store.update('leases', 'kube-node-lease', name, lease => ({
    ...lease,
    spec: { ...lease.spec, renewTime: new Date(nowMs).toISOString().replace('Z', '000Z') },
  }));
}

function markUnreachable(store: ObjectStore, node: Node, nowMs: number): void {
  if (node.spec.taints?.some(taint => taint.key === UNREACHABLE)) return;
  const at = formatTime(nowMs);
  store.update('nodes', undefined, node.metadata.name, current => ({
    ...current,
    spec: {
      ...current.spec,
      taints: [
        ...(current.spec.taints ?? []),
        { key: UNREACHABLE, effect: 'NoSchedule', timeAdded: at },
        { key: UNREACHABLE, effect: 'NoExecute', timeAdded: at },
      ],
    },
    status: {
      ...current.status,
      conditions: (current.status?.conditions ?? []).map(condition => ({
        ...condition,
        status: 'Unknown' as const,
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: at,
      })),
    },
  }));
}
