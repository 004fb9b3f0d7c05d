import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogType, PretendCluster } from './index.ts';
import { createSmallShop, evictPod, isReady } from './index.ts';

const { types }: { types: CatalogType[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);
const nowMs = Date.UTC(2026, 10, 23);

function shop(seed: number): PretendCluster {
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  return createSmallShop({ catalog: types, seed, nowMs, region: 'us-east-1', zones });
}

function healthy(cluster: PretendCluster, namespace: string, app: string): number {
  return cluster.store
    .list('pods', namespace)
    .filter(pod => pod.metadata.labels?.['app.kubernetes.io/name'] === app)
    .filter(pod => isReady(pod) && !pod.metadata.deletionTimestamp).length;
}

function evict(cluster: PretendCluster, namespace: string, name: string): string {
  return evictPod(cluster.store, { namespace, name, dryRun: false, nowMs: cluster.nowMs() }).kind;
}

describe('evictions', () => {
  it('never take the healthy pods of a budget below what it demands, whatever is drained when', () => {
    const step = fc.record({ node: fc.nat(13), waitMs: fc.integer({ min: 0, max: 4_000 }) });
    let evicted = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.array(step, { minLength: 4, maxLength: 12 }),
        (seed, steps) => {
          const cluster = shop(seed);
          const floors = cluster.store.list('poddisruptionbudgets').map(({ metadata, status }) => ({
            namespace: metadata.namespace ?? '',
            name: metadata.name,
            floor: status?.desiredHealthy ?? 0,
          }));
          const check = (): void => {
            for (const { namespace, name, floor } of floors) {
              expect(healthy(cluster, namespace, name), `${namespace}/${name}`).toBeGreaterThanOrEqual(floor);
            }
          };
          for (const { node, waitMs } of steps) {
            const name = cluster.store.list('nodes')[node]?.metadata.name;
            if (name === undefined) continue;
            cluster.store.update('nodes', undefined, name, one => ({
              ...one,
              spec: { ...one.spec, unschedulable: true },
            }));
            for (const pod of cluster.store.list('pods').filter(one => one.spec.nodeName === name)) {
              if (evict(cluster, pod.metadata.namespace ?? '', pod.metadata.name) === 'evicted') evicted++;
              else refused++;
              check();
            }
            for (let waitedMs = 0; waitedMs < waitMs; waitedMs += 250) {
              cluster.tick(cluster.nowMs() + 250);
              check();
            }
          }
        },
      ),
      { numRuns: 25, seed: 1 },
    );
    expect(evicted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(50);
  });

  it('give the allowance back once the replacement is ready', () => {
    const cluster = shop(1);
    const pods = cluster.store.list('pods', 'shop').filter(pod => pod.metadata.name.startsWith('cart-'));
    const [first = '', second = ''] = pods.map(pod => pod.metadata.name);
    expect(evict(cluster, 'shop', first)).toBe('evicted');
    expect(evict(cluster, 'shop', second)).toBe('budget-exhausted');
    expect(evict(cluster, 'shop', first), 'a terminating pod skips its budget').toBe('evicted');
    for (let index = 0; index < 16; index++) cluster.tick(cluster.nowMs() + 250);
    expect(evict(cluster, 'shop', second)).toBe('evicted');
  });

  it('refuse a pod under two budgets, and one whose budget nobody has looked at yet', () => {
    const cluster = shop(1);
    const search = cluster.store.list('pods', 'shop').find(pod => pod.metadata.name.startsWith('search-'));
    const name = search?.metadata.name ?? '';
    const selector = { matchLabels: { 'app.kubernetes.io/name': 'search' } };
    const draft = (budget: string) => ({
      metadata: { name: budget, namespace: 'shop' },
      spec: { minAvailable: 1, selector },
    });
    cluster.store.create('poddisruptionbudgets', draft('first'));
    expect(evict(cluster, 'shop', name)).toBe('budget-not-observed');
    cluster.store.create('poddisruptionbudgets', draft('second'));
    expect(evict(cluster, 'shop', name)).toBe('several-budgets');
  });
});
