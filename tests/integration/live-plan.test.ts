import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentMessageBatch, type InventoryObject } from '../../common/agent-protocol/index.ts';
import { api, type CallOutput, type PackingPlan } from '../../common/contracts/index.ts';
import { mergeInventory } from '../../server/clusters/merge-inventory.ts';
import { defaultPolicy } from '../../server/decisions/policy.ts';
import { liveSnapshot } from '../../server/decisions/snapshot/live-snapshot.ts';
import { quoteMachines } from '../../server/decisions/snapshot/quote-machines.ts';
import { readSnapshot } from '../../server/decisions/snapshot/read-snapshot.ts';
import { smallMarket } from '../../server/decisions/snapshot/small-snapshot.fixture.ts';
import type { Snapshot } from '../../server/decisions/snapshot/snapshot.ts';
import { snapshotCluster } from '../../server/decisions/snapshot/snapshot-cluster.ts';
import { snapshotProblem } from '../../server/decisions/snapshot/snapshot-problem.ts';
import { createEngine, type Engine } from '../../server/index.ts';
import { loadSettings } from '../../server/platform/index.ts';
import {
  createSmallShop,
  type ObjectStore,
  type PretendCluster,
  RESOURCE_KINDS,
} from '../../simulator/cluster/index.ts';
import { startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { startAgent } from '../support/agent-process.ts';
import { startAgentServer } from '../support/agent-server.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-live-plan-'));
const closing: (() => Promise<unknown> | unknown)[] = [];
let cluster: PretendCluster;
let kubeconfig: string;

beforeAll(async () => {
  const { types } = JSON.parse(readFileSync(join(root, 'resources/catalog/instance-types.json'), 'utf8'));
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  // It never ticks: both ways of looking see one and the same state.
  cluster = createSmallShop({ catalog: types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones });
  addHardPods(cluster.store);
  const kubernetes = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
  closing.push(() => kubernetes.close());
  kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubernetes.kubeconfig());
});

afterAll(async () => {
  for (const close of closing.toReversed()) await close();
  rmSync(folder, { recursive: true });
});

const required = <T>(term: T) => ({ requiredDuringSchedulingIgnoredDuringExecution: term });

/** Pods with every rule that planning reads; the shop's own have few. */
function addHardPods(store: ObjectStore): void {
  const names = store.list('nodes').map(({ metadata }) => metadata.name);
  const [first = '', second = '', third = ''] = names;
  store.update('nodes', undefined, first, node => ({
    ...node,
    status: { ...node.status, allocatable: { ...node.status?.allocatable, 'nvidia.com/gpu': '2' } },
  }));
  const pod = (name: string, nodeName: string | null, spec: object, more: object = {}) =>
    store.create('pods', {
      metadata: {
        name,
        namespace: 'shop',
        labels: { app: name },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-1`, uid: name, controller: true },
        ],
        ...more,
      },
      spec: {
        ...(nodeName === null ? {} : { nodeName }),
        containers: [{ name: 'app', image: 'x', resources: { requests: { cpu: '10m', memory: '16Mi' } } }],
        ...spec,
      } as never,
      status: { phase: nodeName === null ? 'Pending' : 'Running' },
    });
  const byTeam = { matchExpressions: [{ key: 'app', operator: 'In', values: ['near', 'far'] }] };
  pod('near', first, {
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
    affinity: {
      nodeAffinity: required({
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'NotIn', values: ['windows'] }] },
        ],
      }),
      podAffinity: required([
        {
          topologyKey: 'topology.kubernetes.io/zone',
          labelSelector: byTeam,
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
        },
      ]),
      podAntiAffinity: required([
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'far' } } },
        { topologyKey: 'kubernetes.io/hostname', labelSelector: {}, namespaces: ['payments'] },
        { topologyKey: 'kubernetes.io/hostname' },
      ]),
    },
    topologySpreadConstraints: [
      { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: byTeam },
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        matchLabelKeys: ['app'],
        minDomains: 2,
      },
    ],
  });
  pod('far', second, {
    tolerations: [{ key: 'team', operator: 'Exists', effect: 'NoSchedule' }],
    initContainers: [
      { name: 'proxy', image: 'x', restartPolicy: 'Always', resources: { requests: { cpu: '5m' } } },
    ],
    containers: [
      {
        name: 'app',
        image: 'x',
        ports: [{ containerPort: 80, hostPort: 8080, protocol: 'UDP', hostIP: '10.0.0.1' }],
        resources: { requests: { cpu: '1500u', memory: '1e6', 'ephemeral-storage': '1Gi' } },
      },
    ],
  });
  pod('gpu', first, {
    schedulerName: 'volcano',
    resourceClaims: [{ name: 'device' }],
    containers: [{ name: 'app', image: 'x', resources: { requests: { 'nvidia.com/gpu': '1' } } }],
  });
  const disk = { name: 'data', persistentVolumeClaim: { claimName: 'data-sessions-0' } };
  pod('disk', third, { volumes: [disk, { name: 'tmp', ephemeral: {} }] });
  pod('waits', null, { priority: 7, volumes: [disk] });
  const here = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [second] }] };
  const bound = { affinity: { nodeAffinity: required({ nodeSelectorTerms: [here] }) } };
  pod('daemon', second, bound, {
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'node-exporter', uid: 'd', controller: true },
    ],
  });
  pod('pinned', second, bound);
}

/** What "kubectl get … -o json" prints of the cluster, newest first: the order of a list is no one's promise. */
function kubectlJson(): string {
  const items = RESOURCE_KINDS.flatMap(({ resource }) => cluster.store.list(resource).toReversed());
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

const machinesOf = ({ nodes }: Snapshot) => quoteMachines(nodes, smallMarket);
const clusterOf = (snapshot: Snapshot) => snapshotCluster(snapshot, machinesOf(snapshot), defaultPolicy);
const problemOf = (snapshot: Snapshot) =>
  snapshotProblem(clusterOf(snapshot), machinesOf(snapshot), defaultPolicy);

describe('a live cluster', () => {
  it('is the same packing problem, byte for byte, from its agent as from what kubectl prints', async () => {
    const server = await startAgentServer();
    closing.push(() => server.close());
    const agent = startAgent([
      '--server',
      server.url,
      '--data',
      join(folder, 'agent-alone'),
      '--kubeconfig',
      kubeconfig,
      '--join',
      'any-join-token',
    ]);
    closing.push(async () => {
      agent.kill();
      await agent.ended;
    });
    const known = await server.until(
      () => {
        const objects = [...mergeInventory(new Map(), server.messages).values()].flatMap(one => one ?? []);
        // Nodes come last.
        const nodes = objects.filter(({ kind }) => kind === 'Node');
        return nodes.length === cluster.store.list('nodes').length ? objects : undefined;
      },
      'The inventory',
      60_000,
    );
    const all = <K extends InventoryObject['kind']>(...kinds: K[]) =>
      known.filter((one): one is Extract<InventoryObject, { kind: K }> =>
        (kinds as string[]).includes(one.kind),
      );
    const told = liveSnapshot({
      cluster: { name: 'shop' } as never,
      nodes: [],
      asOf: 0,
      inventory: {
        nodes: all('Node'),
        pods: all('Pod'),
        budgets: all('PodDisruptionBudget'),
        workloads: all('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'),
      },
      scheduling: {
        shapes: all('PodShape'),
        claims: all('PersistentVolumeClaim'),
        volumes: all('PersistentVolume'),
        storageClasses: all('StorageClass'),
        namespaces: all('Namespace'),
      },
    });
    const printed = readSnapshot(kubectlJson(), 'it');
    const live = problemOf(told);
    const read = problemOf(printed);
    expect(live.problem.existing).toHaveLength(14);
    expect(live.problem.pods.length).toBeGreaterThan(20);
    expect(JSON.stringify(live.problem)).toBe(JSON.stringify(read.problem));
    const reasonsOf = (snapshot: Snapshot) =>
      clusterOf(snapshot).nodes.map(({ name, blockers }) => ({ name, blockers }));
    expect(reasonsOf(told)).toEqual(reasonsOf(printed));
    const codes = new Set(reasonsOf(told).flatMap(({ blockers }) => blockers.map(({ code }) => code)));
    expect([...codes]).toEqual(
      expect.arrayContaining(['other-scheduler', 'resource-claims', 'pinned-volume', 'budget-exhausted']),
    );
    // Every rule arrived: none of this is so because both say nothing.
    const rules = JSON.stringify(live.problem.pods);
    for (const part of ['"nvidia.com/gpu":1', '"minDomains":2', '"hostIp":"10.0.0.1"', '"volumeZones":["us-'])
      expect(rules).toContain(part);
    // 112 pods of few kinds: their rules are told once for each kind.
    expect(all('PodShape').length).toBeLessThan(20);
  });
});

describe('the cheapest nodes for a live cluster, asked of the engine', () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await createEngine({
      settings: loadSettings({ port: '0', data: join(folder, 'engine'), logLevel: 'fatal' }, {}),
      version: '0',
      resourcesFolder: join(root, 'resources'),
      uiFolder: undefined,
    });
    closing.push(() => engine.close());
  });

  async function call<T>(method: string, path: string, body?: object, secret = engine.launchToken) {
    const response = await fetch(engine.url + path, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as T };
  }
  const joinToken = async (clusterName: string) =>
    (await call<{ token: string }>('POST', api.clusters.createJoinToken.path, { clusterName })).body.token;
  const ask = <T>(body: object) => call<T>('POST', api.decisions.decideBinPacking.path, body);

  it('come with a proof, are those of "cloudoptim plan", and leave nothing behind', async () => {
    const agent = startAgent([
      '--server',
      engine.url,
      '--data',
      join(folder, 'agent'),
      '--kubeconfig',
      kubeconfig,
      '--join',
      await joinToken('shop'),
    ]);
    closing.push(async () => {
      agent.kill();
      await agent.ended;
    });
    let clusterId = '';
    await expect
      .poll(
        async () => {
          const { body } = await call<CallOutput<typeof api.clusters.listClusters>>(
            'GET',
            api.clusters.listClusters.path,
          );
          clusterId = body.clusters[0]?.id ?? '';
          return [body.clusters[0]?.nodes, body.clusters[0]?.nodesWithUnknownPrice];
        },
        { timeout: 60_000 },
      )
      // Three nodes run on Spot, and no Spot price is on disk.
      .toEqual([14, 3]);
    const { status, body } = await ask<PackingPlan>({ clusterId, timeLimitSeconds: 10 });
    expect(status).toBe(200);
    expect(body.unknownPrices).toHaveLength(3);
    expect(body.lowerBoundUsdHour).toBeGreaterThan(0);
    expect(body.after.costUsdHour).toBeGreaterThanOrEqual(body.lowerBoundUsdHour);
    expect(body.before.costUsdHour).toBeGreaterThanOrEqual(body.after.costUsdHour);
    expect(body.nodes.keep.length + body.nodes.remove.length).toBe(14);
    expect(body.blocked.map(({ node }) => node)).toEqual(body.nodes.keep);

    const command = [join(root, 'server/main.ts'), 'plan', '--snapshot', '-', '--json', '--time-limit', '10'];
    const { stdout } = spawnSync(process.execPath, command, { encoding: 'utf8', input: kubectlJson() });
    const printed = JSON.parse(stdout) as PackingPlan;
    expect(Object.keys(body)).toEqual(Object.keys(printed));
    expect(body.before).toEqual(printed.before);
    const reasons = ({ blocked }: PackingPlan, names: readonly string[]) =>
      blocked
        .filter(({ node }) => names.includes(node))
        .map(({ node, reasons: all }) => [node, all.map(({ code, object }) => [code, object])]);
    const both = body.nodes.keep.filter(name => printed.nodes.keep.includes(name));
    expect(reasons(body, both)).toEqual(reasons(printed, both));

    const { body: after } = await call<CallOutput<typeof api.decisions.listPlans>>(
      'GET',
      api.decisions.listPlans.path,
    );
    expect(after).toEqual({ plans: [], runs: [] });
    expect(cluster.store.list('nodes').some(({ spec }) => spec.unschedulable)).toBe(false);
  });

  it('are refused in one sentence for an agent of an older protocol, and for no cluster', async () => {
    const { body: enrolled } = await call<{ clusterId: string; agentId: string; key: string }>(
      'POST',
      api.clusters.enrol.path,
      { joinToken: await joinToken('old'), instanceId: 'instance-1', agentVersion: '0.0.9' },
    );
    const old = JSON.parse(
      readFileSync(join(root, 'common/agent-protocol/fixtures/v2/messages.json'), 'utf8'),
    ) as unknown;
    const secret = `${enrolled.agentId}.${enrolled.key}`;
    const sent = await call('POST', api.tasks.sendMetrics.path, agentMessageBatch.parse(old), secret);
    expect(sent.status).toBe(200);
    expect(await ask({ clusterId: enrolled.clusterId })).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'cluster.agent-outdated',
          message: expect.stringMatching(/agent of cluster old .*protocol older than 3/),
        },
      },
    });
    expect(await ask({ clusterId: 'cluster-none' })).toMatchObject({ status: 404 });
    expect(await ask({ clusterId: enrolled.clusterId, timeLimitSeconds: 3600 })).toMatchObject({
      status: 400,
      body: { error: { kind: 'user' } },
    });
  });
});
