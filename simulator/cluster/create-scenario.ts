import type { PodSpec } from './kubernetes-objects.ts';
import { createClaim, registerNode } from './node-claims.ts';
import type { CapacityType, CatalogType } from './node-instances.ts';
import type { ObjectStore } from './object-store.ts';
import type { PretendCluster, PretendClusterOptions } from './pretend-cluster.ts';
import { createPretendCluster } from './pretend-cluster.ts';
import type { ShopWorkload } from './small-shop-workloads.ts';
import { SHOP_WORKLOADS } from './small-shop-workloads.ts';
import { completePodSpec } from './stamp-pod.ts';

/** Who owns the shop's on-demand nodes; the Spot ones are Karpenter's. */
export const GENERAL_OWNERS = ['karpenter', 'node-group', 'nobody'] as const;
export type GeneralOwner = (typeof GENERAL_OWNERS)[number];

/** What the shop is called in AWS: by the tags of instances that are not Karpenter's. */
const AWS_NAME = 'small-shop';
/** The Auto Scaling group of its EKS node group, and the size that it keeps. */
const GROUP = 'eks-general-c8c7a3f2';
const GROUP_MIN = 2;
/** On-demand nodes only. */
const GENERAL = 'general';
/** What pods wait for comes from here. */
const DEFAULT = 'default';
const AGE_MS = 3 * 86_400_000;

/** Instance types of the shop's nodes, dealt out over the zones in turn. */
const NODES: readonly (readonly [string, CapacityType])[] = [
  ['m5.2xlarge', 'on-demand'],
  ['m5.xlarge', 'on-demand'],
  ['m5.xlarge', 'on-demand'],
  ['m5.xlarge', 'on-demand'],
  ['m5.xlarge', 'on-demand'],
  ['c5.xlarge', 'on-demand'],
  ['c5.xlarge', 'on-demand'],
  ['c5.xlarge', 'on-demand'],
  ['r5.xlarge', 'on-demand'],
  ['r5.xlarge', 'on-demand'],
  ['m5.xlarge', 'on-demand'],
  ['m5.xlarge', 'spot'],
  ['c5.xlarge', 'spot'],
  ['r5.large', 'spot'],
];

/**
 * A small shop on EKS with Karpenter, three days old and at rest at `nowMs`: 14 nodes, mostly on-demand and well filled, so that a drained node is replaced, about 90 pods, one
 * budget that allows nothing (payments/ledger), a bare pod (analytics/notebook), a pod with local storage
 * (shop/thumbnails) and one that asks not to be disrupted (analytics/training). Throws when the catalog lacks a type.
 */
export function createSmallShop(
  options: PretendClusterOptions & { readonly generalOwner?: GeneralOwner },
): PretendCluster {
  const { generalOwner = 'karpenter' } = options;
  const bornMs = options.nowMs - AGE_MS;
  const cluster = createPretendCluster({ ...options, nowMs: bornMs });
  const { store } = cluster;
  createSurroundings(store);
  createNodePool(store, DEFAULT, ['spot', 'on-demand'], options.zones);
  createNodes(cluster, options, generalOwner);
  for (const workload of SHOP_WORKLOADS) createWorkload(store, workload, options.zones);
  createBarePod(store);
  for (let atMs = bornMs; !isSettled(cluster) && atMs < bornMs + 120_000; atMs += 250) cluster.tick(atMs);
  cluster.tick(bornMs + 120_000);
  if (generalOwner === 'karpenter') createNodePool(store, GENERAL, ['on-demand'], options.zones);
  claimNodes(store, bornMs);
  cluster.tick(options.nowMs);
  store.compact();
  return cluster;
}

function isSettled({ store }: PretendCluster): boolean {
  const pods = store.list('pods');
  const budgets = store.list('poddisruptionbudgets');
  return (
    pods.length > 0 &&
    pods.every(pod => pod.status?.phase === 'Running') &&
    budgets.every(budget => budget.status?.currentHealthy === budget.status?.expectedPods)
  );
}

function createSurroundings(store: ObjectStore): void {
  const namespaces = [
    'default',
    'kube-system',
    'kube-node-lease',
    'kube-public',
    'shop',
    'payments',
    'analytics',
    'monitoring',
  ];
  for (const name of namespaces) {
    store.create('namespaces', {
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    store.create('serviceaccounts', { metadata: { name: 'default', namespace: name } });
  }
  for (const [name, value] of [
    ['system-cluster-critical', 2_000_000_000],
    ['system-node-critical', 2_000_001_000],
  ] as const) {
    store.create('priorityclasses', { metadata: { name }, ...({ value, globalDefault: false } as object) });
  }
  store.create('storageclasses', {
    metadata: { name: 'gp3' },
    ...({ provisioner: 'ebs.csi.aws.com', volumeBindingMode: 'WaitForFirstConsumer' } as object),
  });
}

function createNodePool(
  store: ObjectStore,
  name: string,
  capacityTypes: readonly CapacityType[],
  zones: readonly string[],
): void {
  store.create('nodepools', {
    metadata: { name },
    spec: {
      template: {
        spec: {
          requirements: [
            { key: 'karpenter.sh/capacity-type', operator: 'In', values: [...capacityTypes] },
            { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] },
            { key: 'karpenter.k8s.aws/instance-category', operator: 'In', values: ['c', 'm', 'r'] },
            { key: 'topology.kubernetes.io/zone', operator: 'In', values: [...zones] },
          ],
          nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'default' },
        },
      },
      disruption: { consolidationPolicy: 'WhenEmpty', consolidateAfter: 'Never' },
    },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Ready' }] },
  });
}

function createNodes(
  { instances, ec2, groups }: PretendCluster,
  options: PretendClusterOptions,
  generalOwner: GeneralOwner,
): void {
  const tags = { [`kubernetes.io/cluster/${AWS_NAME}`]: 'owned' };
  if (generalOwner === 'node-group')
    groups.create({
      name: GROUP,
      min: GROUP_MIN,
      zones: options.zones,
      instanceType: 'm5.xlarge',
      lifecycle: 'on-demand',
      tags: { ...tags, 'eks:cluster-name': AWS_NAME, 'eks:nodegroup-name': GENERAL },
      labels: { 'eks.amazonaws.com/nodegroup': GENERAL, 'eks.amazonaws.com/capacityType': 'ON_DEMAND' },
    });
  NODES.forEach(([name, capacityType], index) => {
    const type = catalogType(options.catalog, name);
    const zone = options.zones[index % options.zones.length];
    if (zone === undefined) throw new Error('the small shop needs at least one zone, and none was given');
    if (capacityType === 'on-demand' && generalOwner === 'node-group') {
      groups.bring(GROUP, { instanceType: name, zone });
      return;
    }
    if (capacityType === 'on-demand' && generalOwner === 'nobody') {
      ec2.bring({ instanceType: name, zone, lifecycle: capacityType, tags });
      return;
    }
    const managedBy = { nodepool: capacityType === 'spot' ? DEFAULT : GENERAL };
    instances.launch({ type, region: options.region, zone, capacityType, managedBy });
  });
}

/** Each node that Karpenter has launched has its NodeClaim. */
function claimNodes(store: ObjectStore, nowMs: number): void {
  for (const node of store.list('nodes')) {
    const { labels = {} } = node.metadata;
    const poolName = labels['karpenter.sh/nodepool'];
    if (poolName === undefined) continue;
    const pool = store.get('nodepools', undefined, poolName);
    if (!pool) throw new Error(`node ${node.metadata.name} of the small shop belongs to no NodePool`);
    const claim = createClaim(store, pool, {
      instanceType: labels['node.kubernetes.io/instance-type'] ?? '',
      zone: labels['topology.kubernetes.io/zone'] ?? '',
      capacityType: labels['karpenter.sh/capacity-type'] === 'spot' ? 'spot' : 'on-demand',
    });
    registerNode(store, claim, node, nowMs);
  }
}

function catalogType(catalog: readonly CatalogType[], name: string): CatalogType {
  const type = catalog.find(one => one.instanceType === name);
  if (!type)
    throw new Error(`the small shop needs the instance type ${name}, and the catalog does not list it`);
  return type;
}

function createWorkload(store: ObjectStore, workload: ShopWorkload, zones: readonly string[]): void {
  const { kind, namespace, name, replicas } = workload;
  const labels = { 'app.kubernetes.io/name': name };
  const selector = { matchLabels: labels };
  const claims = kind === 'statefulsets' ? [{ metadata: { name: 'data' }, spec: claimSpec(undefined) }] : [];
  for (let ordinal = 0; ordinal < replicas && claims.length > 0; ordinal++) {
    createDisk(store, namespace, `data-${name}-${ordinal}`, zones[ordinal % zones.length] ?? '');
  }
  store.create(kind, {
    metadata: { name, namespace, labels },
    spec: {
      ...(kind === 'daemonsets' ? {} : { replicas }),
      selector,
      template: {
        metadata: { labels, ...(workload.annotations ? { annotations: workload.annotations } : {}) },
        spec: podSpec(workload),
      },
      ...(claims.length > 0 ? { serviceName: name, volumeClaimTemplates: claims } : {}),
    },
  });
  if (workload.budget) {
    store.create('poddisruptionbudgets', {
      metadata: { name, namespace, labels },
      spec: { ...workload.budget, selector },
    });
  }
}

function podSpec(workload: ShopWorkload): PodSpec {
  const { name, image, cpu, memory } = workload;
  const resources = { requests: { cpu, memory }, limits: { memory } };
  return { containers: [{ name, image, resources }], ...workload.spec };
}

function createDisk(store: ObjectStore, namespace: string, claim: string, zone: string): void {
  const volumeName = `pv-${claim}`;
  store.create('persistentvolumes', {
    metadata: { name: volumeName },
    spec: {
      capacity: { storage: '20Gi' },
      claimRef: { namespace, name: claim },
      storageClassName: 'gp3',
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] },
          ],
        },
      },
      ...({ accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Delete' } as object),
    },
    status: { phase: 'Bound' },
  });
  store.create('persistentvolumeclaims', {
    metadata: { name: claim, namespace },
    spec: claimSpec(volumeName),
    status: { phase: 'Bound', capacity: { storage: '20Gi' }, accessModes: ['ReadWriteOnce'] },
  });
}

function claimSpec(volumeName: string | undefined) {
  return {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'gp3',
    resources: { requests: { storage: '20Gi' } },
    ...(volumeName === undefined ? {} : { volumeName }),
  };
}

function createBarePod(store: ObjectStore): void {
  const resources = { requests: { cpu: '1', memory: '4Gi' }, limits: { memory: '4Gi' } };
  store.create('pods', {
    metadata: { name: 'notebook', namespace: 'analytics', labels: { 'app.kubernetes.io/name': 'notebook' } },
    spec: completePodSpec({
      containers: [{ name: 'notebook', image: 'registry.k8s.io/pretend/notebook:2026.7', resources }],
    }),
    status: { phase: 'Pending', qosClass: 'Burstable' },
  });
}
