import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api, type Plan } from '../../common/contracts/index.ts';
import type { DecisionPolicy } from '../../server/decisions/policy.ts';
import { createScenario, type GeneralOwner, type PretendCluster } from '../../simulator/cluster/index.ts';
import { startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { createPretendMarket } from '../../simulator/market/index.ts';
import { DEFAULT_SCENARIO, readScenario } from '../../simulator/scenarios/index.ts';
import { type AgentProcess, startAgent } from './agent-process.ts';
import { countEffects, type Effects } from './effects.ts';
import { importSpotPrices } from './import-spot-prices.ts';
import { rememberUsage } from './usage-history.ts';

const root = join(import.meta.dirname, '../..');
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const TEMPLATE = 'lt-0123456789abcdef0';
const SUBNETS = Object.fromEntries(zones.map((zone, n) => [`subnet-0000000000000000${n}`, zone]));

/** A pretend cluster that lives, a real agent on it, and a real engine in a process of its own, which may be killed. */
export interface PlanWorld {
  readonly cluster: PretendCluster;
  readonly effects: Effects;
  /** Actions that AWS refuses from now on. */
  readonly denied: string[];
  /** Does something at the next request of this action to AWS that is meant, before it is answered; resolves when that is done. */
  atRequest(action: string, isMeant: () => boolean, act: () => Promise<void>): Promise<void>;
  agent: AgentProcess;
  /** Starts an engine on the data of the one before, at the same address. */
  startEngine(): Promise<void>;
  /** kill -9 */
  killEngine(): Promise<void>;
  startAgent(): void;
  call<T>(method: string, path: string, body?: object): Promise<T>;
  /** Of the cluster, once its agent has reported. */
  clusterId(): Promise<string>;
  /** The fresh plans of a run, of an engine or the one that the cluster has. */
  findPlans(engine?: string): Promise<Plan[]>;
  plan(id: string): Promise<Plan>;
  /** As if the agent had reported usage for so many days; the engine starts anew. */
  rememberUsage(clusterId: string, days: number): Promise<void>;
  until<T>(look: () => Promise<T | undefined> | T | undefined, what: string, withinMs?: number): Promise<T>;
  /** Names of the nodes that are cordoned now. */
  cordoned(): string[];
  close(): Promise<void>;
}

/** What a test may set. */
export interface PlanWorldOptions {
  readonly policy?: Partial<DecisionPolicy>;
  /** New nodes are ordered from a pretend EC2 instead of waited for. */
  readonly ordersNodes?: boolean;
  /** Who owns the on-demand nodes; Karpenter unless given. */
  readonly generalOwner?: GeneralOwner;
  /** Instances that nobody else ends are ended, with the cluster's name in AWS. */
  readonly endsInstances?: boolean;
  /** Name or file of the scenario that the cluster is; the small shop unless given. */
  readonly scenario?: string;
  /** More settings of the agent. */
  readonly agentFlags?: readonly string[];
}

/** Brings the world up on free ports of 127.0.0.1, in a folder of its own. */
export async function startPlanWorld({
  policy = {},
  ordersNodes = false,
  generalOwner = 'karpenter',
  endsInstances = false,
  scenario = DEFAULT_SCENARIO,
  agentFlags: moreFlags = [],
}: PlanWorldOptions = {}): Promise<PlanWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-plan-'));
  const data = join(folder, 'engine');
  importSpotPrices(folder, data);
  const { types } = JSON.parse(readFileSync(join(root, 'resources/catalog/instance-types.json'), 'utf8'));
  const cluster = createScenario(readScenario(scenario), {
    catalog: types,
    seed: 1,
    nowMs: Date.now(),
    region: 'us-east-1',
    zones,
    generalOwner,
  });
  const denied: string[] = [];
  const listeners = new Set<(action: string) => void>();
  const effects = countEffects(cluster);
  const ticking = setInterval(() => cluster.tick(Date.now()), 100);
  const kubernetes = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubernetes.kubeconfig());

  const ec2 = await startEc2Endpoint({
    market: createPretendMarket({ seed: 1, region: 'us-east-1', types, zones }),
    account: {
      host: cluster.ec2,
      groups: cluster.groups,
      templates: [{ id: TEMPLATE, name: 'nodes', versions: [1] }],
      subnets: SUBNETS,
    },
    deniedActions: denied,
    onRequest: action => {
      for (const hear of [...listeners]) hear(action);
    },
  });

  let engine: ChildProcess | undefined;
  let url = '';
  let token = '';
  const agents: AgentProcess[] = [];
  const agentFlags = (): string[] => [
    '--server',
    url,
    '--data',
    join(folder, 'agent'),
    '--kubeconfig',
    kubeconfig,
    ...moreFlags,
  ];
  const addAgent = (...flags: string[]): AgentProcess => {
    const agent = startAgent([...agentFlags(), ...flags]);
    agents.push(agent);
    return agent;
  };

  const world: PlanWorld = {
    cluster,
    effects,
    denied,
    atRequest: (action, isMeant, act) =>
      new Promise((resolve, reject) => {
        const hear = (asked: string) => {
          if (asked !== action || !isMeant()) return;
          listeners.delete(hear);
          act().then(resolve, reject);
        };
        listeners.add(hear);
      }),
    agent: undefined as unknown as AgentProcess,
    async startEngine() {
      const port = url === '' ? '0' : new URL(url).port;
      const script = join(root, 'tests/support/policy-engine-process.ts');
      const child = spawn(process.execPath, [script, data, port, JSON.stringify(policy), ec2.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' },
      });
      engine = child;
      [url = '', token = ''] = (await signInLink(child)).split('/#token=');
    },
    async killEngine() {
      if (!engine || engine.exitCode !== null || engine.signalCode !== null) return;
      const gone = once(engine, 'exit');
      engine.kill('SIGKILL');
      await gone;
    },
    startAgent() {
      world.agent = addAgent();
    },
    async call<T>(method: string, path: string, body?: object): Promise<T> {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const response = await fetch(url + path, {
        method,
        headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const answer = (await response.json()) as T;
      if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
      return answer;
    },
    clusterId: () =>
      world.until(async () => {
        const { clusters } = await world.call<{ clusters: { id: string; state: string; nodes: number }[] }>(
          'GET',
          api.clusters.listClusters.path,
        );
        return clusters.find(({ state, nodes }) => state === 'live' && nodes > 0)?.id;
      }, 'A live cluster'),
    async findPlans(engine) {
      const clusterId = await world.clusterId();
      const run = await world.call<{ id: string }>('POST', api.decisions.trigger.path, {
        clusterId,
        ...(engine === undefined ? {} : { engine }),
      });
      const { plans } = await world.call<{ plans: Plan[] }>('GET', api.decisions.listPlans.path);
      return plans.filter(({ runId }) => runId === run.id);
    },
    plan: id => world.call<Plan>('GET', api.decisions.getPlan.path.replace(':id', id)),
    async rememberUsage(clusterId, days) {
      await world.killEngine();
      rememberUsage(data, clusterId, cluster, days);
      await world.startEngine();
    },
    async until(look, what, withinMs = 120_000) {
      const before = Date.now() + withinMs;
      let trouble = '';
      for (;;) {
        const found = await Promise.resolve(look()).catch((error: unknown) => {
          trouble = ` (${String(error)})`;
          return undefined;
        });
        if (found !== undefined) return found;
        if (Date.now() > before) {
          const said = agents.at(-1)?.said().slice(-1_000) ?? '';
          throw new Error(`${what} did not come within ${withinMs} ms${trouble}; the agent said: ${said}`);
        }
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    },
    cordoned: () =>
      cluster.store
        .list('nodes')
        .filter(node => node.spec.unschedulable === true)
        .map(node => node.metadata.name),
    async close() {
      for (const agent of agents) agent.kill();
      await Promise.all(agents.map(agent => agent.ended));
      await world.killEngine();
      clearInterval(ticking);
      await kubernetes.close();
      await ec2.close();
      rmSync(folder, { recursive: true });
    },
  };
  try {
    await world.startEngine();
    const { token: joinToken } = await world.call<{ token: string }>(
      'POST',
      api.clusters.createJoinToken.path,
      { clusterName: 'shop' },
    );
    world.agent = addAgent('--join', joinToken);
    if (ordersNodes || endsInstances) {
      const subnets = Object.entries(SUBNETS).map(([subnetId, zone]) => ({ zone, subnetId }));
      const body = {
        ...(ordersNodes ? { kind: 'ec2', launchTemplate: TEMPLATE, subnets } : { kind: 'provisioner' }),
        ...(endsInstances ? { awsCluster: 'small-shop' } : {}),
      };
      const path = api.capacity.chooseCapacity.path.replace(':id', await world.clusterId());
      await world.call('POST', path, body);
    }
    return world;
  } catch (error) {
    // Nobody else could end what was started.
    await world.close();
    throw error;
  }
}

async function signInLink(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', chunk => {
      said += chunk;
      const link = /Sign in: (\S+)/.exec(said)?.[1];
      if (link !== undefined) resolve(link);
    });
    child.once('exit', code => reject(new Error(`the engine ended with ${code} before it listened`)));
  });
}
