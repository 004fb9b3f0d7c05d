import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, type Plan } from '../../common/contracts/index.ts';
import { postgresUrl } from '../../server/platform/database/testing/postgres-url.ts';
import { createScenario, type PretendCluster } from '../../simulator/cluster/index.ts';
import { type KubernetesApi, startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { DEFAULT_SCENARIO, readScenario } from '../../simulator/scenarios/index.ts';
import { type AgentProcess, startAgent } from '../support/agent-process.ts';
import { cordonChange, countEffects, type Effects } from '../support/effects.ts';
import { importSpotPrices } from '../support/import-spot-prices.ts';
import { redisUrl } from '../support/redis-url.ts';
import {
  callApi,
  lastingToken,
  openReplicaWorld,
  openWire,
  type ReplicaProcess,
  type ReplicaWorld,
  until,
  type Wire,
} from '../support/replica-world.ts';

const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
type StoreEvent = Parameters<typeof cordonChange>[0];

describe.skipIf(postgresUrl === null || redisUrl === null)('a plan whose agent is at a follower', () => {
  let world: ReplicaWorld;
  let cluster: PretendCluster;
  let kubernetes: KubernetesApi;
  let effects: Effects;
  let agent: AgentProcess | undefined;
  let ticking: NodeJS.Timeout;
  let balancer: Wire | undefined;

  beforeAll(async () => {
    world = await openReplicaWorld(postgresUrl ?? '', redisUrl ?? '', 6);
    mkdirSync(world.data, { recursive: true });
    importSpotPrices(world.data, world.data, world.databaseUrl);
    const file = join(import.meta.dirname, '../../resources/catalog/instance-types.json');
    const { types } = JSON.parse(readFileSync(file, 'utf8'));
    cluster = createScenario(readScenario(DEFAULT_SCENARIO), {
      ...{ catalog: types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones },
      generalOwner: 'karpenter',
    });
    effects = countEffects(cluster);
    ticking = setInterval(() => cluster.tick(Date.now()), 100);
    kubernetes = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
  });
  afterAll(async () => {
    clearInterval(ticking);
    agent?.kill();
    await agent?.ended;
    await balancer?.close();
    await kubernetes?.close();
    await world?.close();
  });

  /** Does something at the next event of this kind, once; resolves when that is done. */
  const atNext = (isWanted: (event: StoreEvent) => boolean, act: () => Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      const stop = cluster.store.subscribe(event => {
        if (!isWanted(event)) return;
        stop();
        act().then(resolve, reject);
      });
    });

  it('is carried out once although its leader is killed at the cordon, and the next one stands still before the end', async () => {
    /** As a load balancer does: whoever is alive, the last one first, so that the agent begins at a follower. */
    const alive = new Set<ReplicaProcess>();
    balancer = await openWire(() => [...alive].at(-1)?.url ?? '');
    const host = `127.0.0.1:${balancer.port}`;
    const start = async () => {
      const replica = await world.start('--allowed-hosts', host);
      alive.add(replica);
      return replica;
    };
    const first = await start();
    const token = await lastingToken(await first.leads);
    await Promise.all([start(), start()]);
    const fail = (replica: ReplicaProcess, signal: NodeJS.Signals) => {
      replica.signal(signal);
      alive.delete(replica);
      balancer?.cut();
      balancer?.mend();
    };
    const next = () => Promise.race([...alive].map(replica => replica.leads.then(() => replica)));
    const call = <T>(method: string, path: string, body?: object) =>
      callApi<T>([...alive].at(-1)?.url ?? '', token, method, path, body);
    await until(
      () => call('GET', '/readyz'),
      () => true,
    );
    const { token: join_ } = await call<{ token: string }>('POST', api.clusters.createJoinToken.path, {
      clusterName: 'shop',
    });
    const kubeconfig = join(world.data, 'kubeconfig');
    writeFileSync(kubeconfig, kubernetes.kubeconfig());
    agent = startAgent([
      ...[
        '--server',
        `http://${host}`,
        '--data',
        join(world.data, 'agent'),
        '--kubeconfig',
        kubeconfig,
        '--join',
        join_,
      ],
    ]);
    const { clusters } = await until(
      () =>
        call<{ clusters: { id: string; state: string; nodes: number }[] }>(
          'GET',
          api.clusters.listClusters.path,
        ),
      answer => answer.clusters.some(({ state, nodes }) => state === 'live' && nodes > 0),
    );
    const run = await call<{ id: string }>('POST', api.decisions.trigger.path, {
      clusterId: clusters[0]?.id,
    });
    const { plans } = await call<{ plans: Plan[] }>('GET', api.decisions.listPlans.path);
    const [plan] = plans
      .filter(({ runId }) => runId === run.id)
      .toSorted((a, b) => b.pods.length - a.pods.length);
    if (!plan) throw new Error('there is no plan');

    const killed = atNext(
      event => cordonChange(event) === 'cordon',
      async () => fail(first, 'SIGKILL'),
    );
    await call('POST', `/api/v1/optimization/plans/${plan.id}/approve`, {});
    await killed;
    const second = await next();
    fail(second, 'SIGSTOP');
    await next();
    second.signal('SIGCONT');
    expect(await second.ended).toBe(2);
    const ended = await until(
      () => call<Plan>('GET', api.decisions.getPlan.path.replace(':id', plan.id)),
      ({ state }) => !['approved', 'running', 'stopping'].includes(state),
      120_000,
    );
    expect(ended).toMatchObject({ state: 'succeeded' });
    const node = plan.remove[0]?.name ?? '';
    const { cordons, uncordons, deletions, evictions } = effects;
    expect({ cordons, uncordons, deletions }).toEqual({ cordons: [node], uncordons: [], deletions: [node] });
    expect(new Set(evictions).size).toBe(evictions.length);
  });
});
