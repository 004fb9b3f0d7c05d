import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CatalogType, Offering, PretendCluster, PretendClusterOptions } from './index.ts';
import {
  containerUsage,
  createPretendCluster,
  createSmallShop,
  deleteObject,
  onDemandPriceOf,
} from './index.ts';

const { types }: { types: CatalogType[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);
const nowMs = Date.UTC(2026, 10, 23);

function shop(more: Partial<PretendClusterOptions> = {}): PretendCluster {
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  return createSmallShop({ catalog: types, seed: 1, nowMs, region: 'us-east-1', zones, ...more });
}

function run(cluster: PretendCluster, ms: number): void {
  for (let waitedMs = 0; waitedMs < ms; waitedMs += 250) cluster.tick(cluster.nowMs() + 250);
}

describe('the small shop', () => {
  it('is the same for the same seed, and another for another', () => {
    const text = (cluster: PretendCluster): string =>
      JSON.stringify([cluster.store.list('nodes'), cluster.store.list('pods')]);
    expect(text(shop())).toBe(text(shop()));
    expect(text(shop({ seed: 2 }))).not.toBe(text(shop()));
  });

  it('stands at rest with everything running on nodes that are named as on EKS', () => {
    const { store } = shop();
    expect(store.list('nodes')).toHaveLength(14);
    expect(store.list('pods').length).toBeGreaterThanOrEqual(85);
    expect(store.list('pods').filter(pod => pod.status?.phase !== 'Running')).toEqual([]);
    for (const { spec, metadata } of store.list('nodes')) {
      expect(spec.providerID).toMatch(/^aws:\/\/\/us-east-1[abc]\/i-0[0-9a-f]{16}$/);
      const { labels = {} } = metadata;
      const ways = [labels['karpenter.sh/capacity-type'], labels['eks.amazonaws.com/capacityType']];
      expect(ways.filter(way => way !== undefined)).toHaveLength(1);
    }
    const stuck = store
      .list('poddisruptionbudgets')
      .filter(budget => budget.status?.disruptionsAllowed === 0);
    expect(stuck.map(budget => budget.metadata.name)).toEqual(['ledger']);
  });
});

describe('controllers', () => {
  it('bring back a deleted node’s pods elsewhere, and its daemons not at all', () => {
    const cluster = shop();
    const ofDaemons = (pod: { metadata: { ownerReferences?: readonly { kind: string }[] } }) =>
      pod.metadata.ownerReferences?.[0]?.kind === 'DaemonSet';
    const before = cluster.store.list('pods').filter(pod => !ofDaemons(pod)).length;
    const lost = cluster.store.list('nodes')[0]?.metadata.name ?? '';
    cluster.store.remove('nodes', undefined, lost);
    run(cluster, 15_000);
    const pods = cluster.store.list('pods');
    expect(pods.filter(pod => pod.spec.nodeName === lost)).toEqual([]);
    expect(pods.filter(pod => pod.status?.phase !== 'Running')).toEqual([]);
    expect(pods.filter(pod => !ofDaemons(pod))).toHaveLength(before);
    expect(pods.filter(ofDaemons)).toHaveLength(3 * cluster.store.list('nodes').length);
  });

  it('buy the cheapest node that fits when pods fit nowhere', () => {
    const spotPrices = (offering: Offering): number | undefined => {
      const onDemand = onDemandPriceOf(types)({ ...offering, capacityType: 'on-demand' });
      if (offering.capacityType === 'on-demand' || onDemand === undefined) return onDemand;
      return offering.zone === 'us-east-1b' ? Math.round(onDemand / 4) : Math.round(onDemand / 2);
    };
    const cluster = shop({ priceOf: spotPrices });
    const known = new Set(cluster.store.list('nodes').map(node => node.metadata.name));
    for (const name of known) {
      cluster.store.update('nodes', undefined, name, node => ({
        ...node,
        spec: { ...node.spec, unschedulable: true },
      }));
    }
    cluster.store.update('deployments', 'shop', 'web', own => ({
      ...own,
      spec: { ...own.spec, replicas: 12 },
    }));
    run(cluster, 8_000);
    const bought = cluster.store.list('nodes').filter(node => !known.has(node.metadata.name));
    expect(bought.length).toBeGreaterThan(0);
    for (const node of bought) {
      expect(node.metadata.labels).toMatchObject({
        'karpenter.sh/capacity-type': 'spot',
        'topology.kubernetes.io/zone': 'us-east-1b',
        'kubernetes.io/arch': 'amd64',
      });
    }
    expect(cluster.store.list('nodeclaims')).toHaveLength(14 + bought.length);
    const web = cluster.store.get('deployments', 'shop', 'web');
    expect(web?.status?.readyReplicas).toBe(12);
  });

  it('never put more on a node than it can hold', () => {
    const cluster = shop();
    cluster.store.update('deployments', 'shop', 'search', own => ({
      ...own,
      spec: { ...own.spec, replicas: 60 },
    }));
    run(cluster, 15_000);
    for (const node of cluster.store.list('nodes')) {
      const pods = cluster.store.list('pods').filter(pod => pod.spec.nodeName === node.metadata.name);
      const asked = pods.flatMap(pod => pod.spec.containers).map(one => one.resources?.requests?.cpu ?? '0');
      const milli = asked.reduce(
        (sum, cpu) => sum + (cpu.endsWith('m') ? Number.parseInt(cpu, 10) : Number(cpu) * 1000),
        0,
      );
      expect(milli).toBeLessThanOrEqual(Number.parseInt(node.status?.allocatable?.cpu ?? '0', 10));
    }
    expect(cluster.store.get('deployments', 'shop', 'search')?.status?.readyReplicas).toBe(60);
  });

  it('roll a changed template out and keep three quarters of it ready', () => {
    const cluster = shop();
    cluster.store.update('deployments', 'shop', 'web', own => {
      const [container] = own.spec.template.spec.containers;
      if (!container) throw new Error('web has no container');
      const smaller = { ...container, resources: { requests: { cpu: '500m', memory: '1Gi' } } };
      return {
        ...own,
        spec: { ...own.spec, template: { ...own.spec.template, spec: { containers: [smaller] } } },
      };
    });
    for (let index = 0; index < 120; index++) {
      cluster.tick(cluster.nowMs() + 250);
      expect(cluster.store.get('deployments', 'shop', 'web')?.status?.readyReplicas).toBeGreaterThanOrEqual(
        6,
      );
    }
    const pods = cluster.store.list('pods', 'shop').filter(pod => pod.metadata.name.startsWith('web-'));
    expect(pods.map(pod => pod.spec.containers[0]?.resources?.requests?.cpu)).toEqual(Array(8).fill('500m'));
  });

  it('say of an interruption first and take the node two minutes later', () => {
    const cluster = shop();
    const spot = cluster.store
      .list('nodes')
      .find(node => node.metadata.labels?.['karpenter.sh/capacity-type'] === 'spot');
    const name = spot?.metadata.name ?? '';
    expect(cluster.interruptions.interrupt(name, cluster.nowMs())).toBe(true);
    expect(cluster.store.list('events').map(event => (event as { reason?: string }).reason)).toEqual([
      'SpotInterrupted',
    ]);
    run(cluster, 119_000);
    expect(cluster.store.get('nodes', undefined, name)).toBeDefined();
    run(cluster, 2_000);
    expect(cluster.store.get('nodes', undefined, name)).toBeUndefined();
  });
});

describe('a node without a kubelet', () => {
  it('keeps its deleted pods terminating until somebody forces them away', () => {
    const options = { catalog: types, seed: 1, nowMs, region: 'us-east-1', zones: ['us-east-1a'] };
    const cluster = createPretendCluster(options);
    cluster.store.create('nodes', { metadata: { name: 'by-hand' }, spec: {} });
    const spec = { nodeName: 'by-hand', containers: [{ name: 'main', image: 'main' }] };
    cluster.store.create('pods', { metadata: { name: 'stuck', namespace: 'default' }, spec });
    deleteObject(cluster.store, 'pods', 'default', 'stuck', { nowMs });
    run(cluster, 60_000);
    expect(cluster.store.get('pods', 'default', 'stuck')?.metadata.deletionTimestamp).toBeDefined();
    deleteObject(cluster.store, 'pods', 'default', 'stuck', { nowMs, gracePeriodSeconds: 0 });
    expect(cluster.store.get('pods', 'default', 'stuck')).toBeUndefined();
  });
});

describe('pretend usage', () => {
  it('stays between 30 and 60 percent of the requests and moves smoothly', () => {
    const pod = shop().store.list('pods', 'shop')[0];
    const container = pod?.spec.containers[0];
    if (!pod || !container) throw new Error('the shop has no pod');
    const requested = Number.parseInt(container.resources?.requests?.cpu ?? '0', 10);
    for (let minute = 0; minute < 1_440; minute++) {
      const share = containerUsage(pod, container, nowMs + minute * 60_000).cpuMilli / requested;
      const later = containerUsage(pod, container, nowMs + minute * 60_000 + 5_000).cpuMilli / requested;
      expect(share).toBeGreaterThan(0.25);
      expect(share).toBeLessThan(0.65);
      expect(Math.abs(later - share)).toBeLessThan(0.01);
    }
  });
});
