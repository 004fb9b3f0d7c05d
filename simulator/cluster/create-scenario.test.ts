import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readScenario, type Scenario, shippedScenarios } from '../scenarios/index.ts';
import { createScenario } from './create-scenario.ts';
import { evictPod } from './evict-pod.ts';
import type { CatalogType } from './node-instances.ts';
import { GPU, gpuRequests } from './pod-facts.ts';
import type { PretendCluster } from './pretend-cluster.ts';
import { freeByNode } from './scheduler.ts';

const catalog: CatalogType[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
).types;
const nowMs = Date.UTC(2026, 10, 26, 12);
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const create = (scenario: Scenario, seed = 1): PretendCluster =>
  createScenario(scenario, { catalog, seed, nowMs, region: 'us-east-1', zones });

function settled(cluster: PretendCluster): PretendCluster {
  for (let tick = 1; tick <= 20; tick++) cluster.tick(nowMs + tick * 500);
  return cluster;
}

describe.each(shippedScenarios())('the scenario %s', name => {
  const scenario = readScenario(name);
  const cluster = settled(create(scenario));

  it('comes up with the nodes it names and every pod placed but for those that are meant to wait', () => {
    expect(cluster.store.list('nodes')).toHaveLength(
      scenario.nodes.reduce((sum, { count }) => sum + count, 0),
    );
    const meant = scenario.workloads.filter(({ pending }) => pending);
    const waiting = cluster.store.list('pods').filter(pod => !pod.spec.nodeName);
    expect(waiting).toHaveLength(meant.reduce((sum, { replicas }) => sum + replicas, 0));
    for (const { metadata } of waiting)
      expect(meant.map(one => one.name)).toContain(metadata.labels?.['app.kubernetes.io/name']);
  });

  it('asks of no node more than it has', () => {
    for (const [node, left] of freeByNode(cluster.store))
      expect(Math.min(left.cpuMilli, left.memoryBytes, left.pods, left.gpus), node).toBeGreaterThanOrEqual(0);
  });
});

it('gives the same objects for the same seed, and others for another', () => {
  const namesOf = (seed: number) =>
    create(readScenario('hostile'), seed)
      .store.list('pods')
      .map(({ metadata, spec }) => `${metadata.uid} ${metadata.name} ${spec.nodeName}`);
  expect(namesOf(1)).toEqual(namesOf(1));
  expect(namesOf(1)).not.toEqual(namesOf(2));
});

it('keeps GPUs for pods that ask for them, and launches a node with one where a pod waits for it', () => {
  const cluster = settled(create(readScenario('gpu-batch')));
  const { store } = cluster;
  const withGpu = new Set(
    store
      .list('nodes')
      .filter(node => Number(node.status?.allocatable?.[GPU] ?? 0) > 0)
      .map(({ metadata }) => metadata.name),
  );
  expect(withGpu.size).toBe(10);
  const asking = store.list('pods').filter(({ spec }) => gpuRequests(spec) > 0);
  expect(asking).toHaveLength(9);
  for (const { spec } of asking) expect(withGpu).toContain(spec.nodeName);
  store.update('deployments', 'training', 'trainer', current => ({
    ...current,
    spec: { ...current.spec, replicas: 8 },
  }));
  for (let tick = 1; tick <= 40; tick++) cluster.tick(nowMs + 10_000 + tick * 500);
  const more = store.list('pods').filter(({ spec }) => gpuRequests(spec) > 0);
  expect(more).toHaveLength(14);
  for (const { spec } of more) expect(spec.nodeName).toBeDefined();
  expect(
    store.list('nodes').filter(node => Number(node.status?.allocatable?.[GPU] ?? 0) > 0).length,
  ).toBeGreaterThan(10);
});

it('has something on every node of the hostile cluster that stands in the way of a drain', () => {
  const cluster = settled(create(readScenario('hostile')));
  const pods = cluster.store.list('pods');
  for (const { metadata } of cluster.store.list('nodes')) {
    const own = pods.filter(({ spec }) => spec.nodeName === metadata.name);
    const blocks = own.filter(
      pod =>
        pod.metadata.ownerReferences === undefined ||
        pod.metadata.annotations?.['karpenter.sh/do-not-disrupt'] === 'true' ||
        pod.spec.volumes?.some(({ emptyDir }) => emptyDir) ||
        pod.metadata.namespace === 'strict',
    );
    expect(blocks.length, metadata.name).toBeGreaterThan(0);
  }
  const quorum = pods.find(({ metadata }) => metadata.name.startsWith('quorum'));
  const eviction = { namespace: 'strict', name: quorum?.metadata.name ?? '', dryRun: false, nowMs };
  expect(evictPod(cluster.store, eviction).kind).toBe('budget-exhausted');
});
