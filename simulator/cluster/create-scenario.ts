import type { Scenario } from '../scenarios/index.ts';
import { DEFAULT_SCENARIO, readScenario } from '../scenarios/index.ts';
import type { Taint } from './kubernetes-objects.ts';
import { createClaim, registerNode } from './node-claims.ts';
import type { CatalogType } from './node-instances.ts';
import type { ObjectStore } from './object-store.ts';
import { isFinished } from './pod-facts.ts';
import type { PretendCluster, PretendClusterOptions } from './pretend-cluster.ts';
import { createPretendCluster } from './pretend-cluster.ts';
import { copiesOf, createWorkload } from './scenario-workloads.ts';

/** Who owns the on-demand nodes of a scenario; the Spot ones are Karpenter's. */
export const GENERAL_OWNERS = ['karpenter', 'node-group', 'nobody'] as const;
export type GeneralOwner = (typeof GENERAL_OWNERS)[number];

/** The Auto Scaling group of an EKS node group, and the size that it keeps. */
const GROUP = 'eks-general-c8c7a3f2';
const GROUP_MIN = 2;
const GROUP_NAME = 'general';
const MS_PER_HOUR = 3_600_000;
/** How long a scenario may take until all its pods run, by its own clock. */
const SETTLE_MS = 120_000;

type Options = PretendClusterOptions & { readonly generalOwner?: GeneralOwner };

/** The small shop, which is the scenario where none is named. Throws when the catalog lacks a type. */
export function createSmallShop(options: Options): PretendCluster {
  return createScenario(readScenario(DEFAULT_SCENARIO), options);
}

/**
 * A cluster as a scenario describes it, at rest at `nowMs`: every pod runs that is meant to. The same scenario, seed and time
 * give the same objects. Throws when the catalog lacks a type.
 */
export function createScenario(scenario: Scenario, options: Options): PretendCluster {
  const { generalOwner = 'karpenter' } = options;
  const bornMs = options.nowMs - scenario.ageHours * MS_PER_HOUR;
  const cluster = createPretendCluster({ ...options, nowMs: bornMs });
  const { store } = cluster;
  const workloads = scenario.workloads.flatMap(copiesOf);
  createSurroundings(store, [...new Set(workloads.map(({ namespace }) => namespace))]);
  const [first, ...others] = scenario.nodePools;
  if (first) createNodePool(store, first, options.zones);
  createNodes(cluster, scenario, options, generalOwner);
  for (const workload of workloads) createWorkload(store, workload, options.zones);
  const waits = new Set(
    workloads.filter(({ pending }) => pending).map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const endMs = bornMs + SETTLE_MS;
  for (let atMs = bornMs; !isSettled(cluster, waits) && atMs < endMs; atMs += 250) cluster.tick(atMs);
  cluster.tick(endMs);
  // A pool whose nodes are somebody else's brings none.
  const kept = others.filter(
    ({ capacityTypes }) => generalOwner === 'karpenter' || capacityTypes.includes('spot'),
  );
  for (const pool of kept) createNodePool(store, pool, options.zones);
  claimNodes(store, bornMs);
  cluster.tick(options.nowMs);
  store.compact();
  return cluster;
}

/** Whether all pods run, but for those that are meant to wait. */
function isSettled({ store }: PretendCluster, waits: ReadonlySet<string>): boolean {
  const pods = store
    .list('pods')
    .filter(
      ({ metadata }) => !waits.has(`${metadata.namespace}/${metadata.labels?.['app.kubernetes.io/name']}`),
    );
  const budgets = store.list('poddisruptionbudgets');
  return (
    pods.length > 0 &&
    pods.every(pod => pod.status?.phase === 'Running' || isFinished(pod)) &&
    budgets.every(budget => budget.status?.currentHealthy === budget.status?.expectedPods)
  );
}

function createSurroundings(store: ObjectStore, own: readonly string[]): void {
  const namespaces = new Set(['default', 'kube-system', 'kube-node-lease', 'kube-public', ...own]);
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
  { name, capacityTypes, categories, labels, taints }: Scenario['nodePools'][number],
  zones: readonly string[],
): void {
  store.create('nodepools', {
    metadata: { name },
    spec: {
      template: {
        ...(labels ? { metadata: { labels } } : {}),
        spec: {
          requirements: [
            { key: 'karpenter.sh/capacity-type', operator: 'In', values: [...capacityTypes] },
            { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] },
            { key: 'karpenter.k8s.aws/instance-category', operator: 'In', values: [...categories] },
            { key: 'topology.kubernetes.io/zone', operator: 'In', values: [...zones] },
          ],
          nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'default' },
          ...(taints ? { taints: taints as readonly Taint[] } : {}),
        },
      },
      disruption: { consolidationPolicy: 'WhenEmpty', consolidateAfter: 'Never' },
    },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Ready' }] },
  });
}

function createNodes(
  { instances, ec2, groups }: PretendCluster,
  scenario: Scenario,
  options: PretendClusterOptions,
  generalOwner: GeneralOwner,
): void {
  const tags = { [`kubernetes.io/cluster/${scenario.name}`]: 'owned' };
  if (generalOwner === 'node-group')
    groups.create({
      name: GROUP,
      min: GROUP_MIN,
      zones: options.zones,
      instanceType: commonestType(scenario),
      lifecycle: 'on-demand',
      tags: { ...tags, 'eks:cluster-name': scenario.name, 'eks:nodegroup-name': GROUP_NAME },
      labels: { 'eks.amazonaws.com/nodegroup': GROUP_NAME, 'eks.amazonaws.com/capacityType': 'ON_DEMAND' },
    });
  const each = scenario.nodes.flatMap(one => Array.from({ length: one.count }, () => one));
  each.forEach(({ instanceType, capacityType, pool }, index) => {
    const type = catalogType(options.catalog, scenario.name, instanceType);
    const zone = options.zones[index % options.zones.length];
    if (zone === undefined) throw new Error('a scenario needs at least one zone, and none was given');
    if (capacityType === 'on-demand' && generalOwner === 'node-group') {
      groups.bring(GROUP, { instanceType, zone });
      return;
    }
    if (capacityType === 'on-demand' && generalOwner === 'nobody') {
      ec2.bring({ instanceType, zone, lifecycle: capacityType, tags });
      return;
    }
    const { labels, taints } = scenario.nodePools.find(({ name }) => name === pool) ?? {};
    instances.launch({
      type,
      region: options.region,
      zone,
      capacityType,
      managedBy: { nodepool: pool },
      ...(labels ? { labels } : {}),
      ...(taints ? { taints: taints as readonly Taint[] } : {}),
    });
  });
}

/** The type of which there are most on demand. */
function commonestType({ nodes }: Scenario): string {
  const counts = new Map<string, number>();
  for (const { instanceType, capacityType, count } of nodes)
    if (capacityType === 'on-demand') counts.set(instanceType, (counts.get(instanceType) ?? 0) + count);
  const [found] = [...counts].toSorted(([, a], [, b]) => b - a);
  if (!found) throw new Error('a node group needs on-demand nodes, and the scenario has none');
  return found[0];
}

/** Each node that Karpenter has launched has its NodeClaim. */
function claimNodes(store: ObjectStore, nowMs: number): void {
  for (const node of store.list('nodes')) {
    const { labels = {} } = node.metadata;
    const poolName = labels['karpenter.sh/nodepool'];
    if (poolName === undefined) continue;
    const pool = store.get('nodepools', undefined, poolName);
    if (!pool) throw new Error(`node ${node.metadata.name} belongs to no NodePool`);
    const claim = createClaim(store, pool, {
      instanceType: labels['node.kubernetes.io/instance-type'] ?? '',
      zone: labels['topology.kubernetes.io/zone'] ?? '',
      capacityType: labels['karpenter.sh/capacity-type'] === 'spot' ? 'spot' : 'on-demand',
    });
    registerNode(store, claim, node, nowMs);
  }
}

function catalogType(catalog: readonly CatalogType[], scenario: string, name: string): CatalogType {
  const type = catalog.find(one => one.instanceType === name);
  if (!type)
    throw new Error(
      `the scenario "${scenario}" needs the instance type ${name}, and the catalog does not list it`,
    );
  return type;
}
