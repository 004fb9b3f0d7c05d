import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CatalogType,
  createPretendCluster,
  isReady,
  type Pod,
  type PodDisruptionBudget,
  type PretendCluster,
} from '../../simulator/cluster/index.ts';
import type { Random } from '../../simulator/cluster/random.ts';

const { types }: { types: CatalogType[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);
const NAMESPACE = 'shop';
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

/** A cluster of many small workloads with all kinds of budgets, in which everything takes milliseconds. At rest when this returns. */
export function createRandomCluster(
  random: Random,
  { nodes, workloads }: { readonly nodes: number; readonly workloads: number },
): PretendCluster {
  const startAt = Date.now() - 3_600_000;
  const cluster = createPretendCluster({
    seed: random.integer(2 ** 31),
    nowMs: startAt,
    catalog: types,
    region: 'us-east-1',
    zones: ZONES,
    timing: { startMs: 40, minStopMs: 20, maxStopMs: 60, budgetLagMs: 30 },
  });
  const { store, instances } = cluster;
  for (const name of ['kube-node-lease', NAMESPACE]) store.create('namespaces', { metadata: { name } });
  const type = types.find(one => one.instanceType === 'm5.xlarge');
  if (!type) throw new Error('the catalog has no m5.xlarge');
  for (let n = 0; n < nodes; n++) {
    const zone = ZONES[n % ZONES.length] ?? '';
    instances.launch({
      type,
      region: 'us-east-1',
      zone,
      capacityType: 'on-demand',
      managedBy: 'launch-template',
    });
  }
  for (let n = 0; n < workloads; n++) createWorkload(cluster, random, `w${n}`);
  for (let step = 1; step <= 40; step++) cluster.tick(startAt + step * 100);
  return cluster;
}

function createWorkload({ store }: PretendCluster, random: Random, name: string): void {
  const replicas = 1 + random.integer(6);
  const labels = { app: name };
  const selector = { matchLabels: labels };
  const hasLocalStorage = random.next() < 0.05;
  const spec = {
    containers: [
      {
        name: 'main',
        image: 'registry.k8s.io/pretend/main:1',
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
      },
    ],
    ...(hasLocalStorage ? { volumes: [{ name: 'scratch', emptyDir: {} }] } : {}),
  };
  store.create('deployments', {
    metadata: { name, namespace: NAMESPACE, labels },
    spec: { replicas, selector, template: { metadata: { labels }, spec } },
  });
  const budget = (suffix: string) =>
    store.create('poddisruptionbudgets', {
      metadata: { name: `${name}${suffix}`, namespace: NAMESPACE },
      spec: { ...budgetSpec(random, replicas), selector },
    });
  const kind = random.next();
  if (kind < 0.75) budget('');
  // Two budgets over one pod: the API evicts such a pod never.
  if (kind < 0.03) budget('-second');
}

function budgetSpec(
  random: Random,
  replicas: number,
): Pick<PodDisruptionBudget['spec'], 'minAvailable' | 'maxUnavailable'> {
  const kind = random.next();
  if (kind < 0.4) return { minAvailable: Math.max(0, replicas - 1) };
  if (kind < 0.5) return { minAvailable: replicas };
  if (kind < 0.7) return { minAvailable: `${25 * (1 + random.integer(3))}%` };
  if (kind < 0.9) return { maxUnavailable: 1 };
  return { maxUnavailable: `${20 * (1 + random.integer(4))}%` };
}

/**
 * The budgets that the going of this pod has broken, by names: fewer ready pods are left than they ask for. Reckoned from the
 * objects alone, not from what the disruption controller wrote into the status.
 */
export function brokenBudgets({ store }: PretendCluster, gone: Pod): string[] {
  const app = gone.metadata.labels?.app ?? '';
  const wanted = store.get('deployments', NAMESPACE, app)?.spec.replicas ?? 0;
  const left = store
    .list('pods', NAMESPACE)
    .filter(
      pod => pod.metadata.labels?.app === app && isReady(pod) && pod.metadata.deletionTimestamp === undefined,
    );
  return store
    .list('poddisruptionbudgets', NAMESPACE)
    .filter(({ spec }) => spec.selector?.matchLabels?.app === app)
    .filter(({ spec: { minAvailable, maxUnavailable } }) => {
      const least =
        maxUnavailable === undefined
          ? share(minAvailable ?? 1, wanted)
          : wanted - share(maxUnavailable, wanted);
      return left.length < least;
    })
    .map(({ metadata }) => metadata.name);
}

/** As Kubernetes rounds: up. */
function share(value: number | string, of: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * of) / 100);
}
