import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CatalogType, createSmallShop, type PretendCluster } from '../../simulator/cluster/index.ts';
import {
  type KubernetesApi,
  type PolicyRule,
  startKubernetesApi,
} from '../../simulator/kubernetes-api/index.ts';
import { type AgentProcess, startAgent } from './agent-process.ts';
import { type AgentServer, type AgentServerOptions, startAgentServer } from './agent-server.ts';

const { types }: { types: CatalogType[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);

/** A pretend cluster that lives, a server that speaks the agent protocol, and real agents between them. */
export interface AgentWorld {
  readonly folder: string;
  readonly cluster: PretendCluster;
  readonly api: KubernetesApi;
  readonly server: AgentServer;
  /** Starts an agent on this world; `flags` come after the usual ones, or alone when `bare`. */
  start(flags?: readonly string[], bare?: boolean): AgentProcess;
  /** Nothing moves in the cluster any more. */
  freeze(): void;
  /** Kills the agents and takes everything down. */
  close(): Promise<void>;
}

/**
 * Brings the world up on free ports of 127.0.0.1, in a folder of its own.
 * @param rules what agents may do in the cluster; everything when left out
 */
export async function startAgentWorld(
  options?: AgentServerOptions,
  rules?: readonly PolicyRule[],
): Promise<AgentWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-agent-'));
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  const cluster = createSmallShop({ catalog: types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones });
  cluster.store.create('namespaces', { metadata: { name: 'cloudoptim' } });
  const user = 'system:serviceaccount:cloudoptim:cloudoptim-agent';
  const api = await startKubernetesApi({
    cluster,
    clock: Date.now,
    token: 'all',
    ...(rules ? { serviceAccount: { token: 'agent', user, rules } } : {}),
  });
  const server = await startAgentServer(options);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, api.kubeconfig(rules ? 'service-account' : 'full'));
  const ticking = setInterval(() => cluster.tick(Date.now()), 100);
  const agents: AgentProcess[] = [];
  const usual = ['--server', server.url, '--data', join(folder, 'data'), '--kubeconfig', kubeconfig];
  return {
    folder,
    cluster,
    api,
    server,
    start(flags = [], bare = false) {
      const agent = startAgent(bare ? flags : [...usual, ...flags]);
      agents.push(agent);
      return agent;
    },
    freeze: () => clearInterval(ticking),
    async close() {
      for (const agent of agents) agent.kill();
      await Promise.all(agents.map(agent => agent.ended));
      clearInterval(ticking);
      await server.close();
      await api.close();
      rmSync(folder, { recursive: true });
    },
  };
}
