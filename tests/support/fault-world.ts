import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CatalogType, createSmallShop, type PretendCluster } from '../../simulator/cluster/index.ts';
import { type KubernetesApi, startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { type AgentProcess, startAgent } from './agent-process.ts';
import { type ClusterRoom, openClusterRoom } from './cluster-room.ts';
import { countEffects, type Effects } from './effects.ts';

const { types }: { types: CatalogType[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);

/** A pretend cluster that lives, the engine's real room of clusters in this process, and real agents as processes. */
export interface FaultWorld {
  readonly cluster: PretendCluster;
  readonly api: KubernetesApi;
  readonly room: ClusterRoom;
  readonly effects: Effects;
  /** Starts an agent with data of its own that takes this cluster over; the agent before it loses its key. */
  enrolAgent(): Promise<AgentProcess>;
  /** Kills every agent and takes everything down. */
  close(): Promise<void>;
}

/** Brings the world up on free ports of 127.0.0.1, in a folder of its own. */
export async function startFaultWorld(seed: number): Promise<FaultWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-faults-'));
  const cluster = createSmallShop({
    catalog: types,
    seed,
    nowMs: Date.now(),
    region: 'us-east-1',
    zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
  });
  const api = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, api.kubeconfig());
  const room = await openClusterRoom(folder);
  await room.clusters.start();
  const effects = countEffects(cluster);
  const ticking = setInterval(() => cluster.tick(Date.now()), 100);
  const agents: AgentProcess[] = [];
  return {
    cluster,
    api,
    room,
    effects,
    async enrolAgent() {
      const { token } = await room.clusters.createJoinToken('shop');
      const data = join(folder, `agent-${agents.length}`);
      const agent = startAgent([
        ...['--server', room.url, '--data', data, '--kubeconfig', kubeconfig, '--join', token],
      ]);
      agents.push(agent);
      return agent;
    },
    async close() {
      for (const agent of agents) agent.kill();
      await Promise.all(agents.map(agent => agent.ended));
      clearInterval(ticking);
      await room.close();
      await api.close();
      rmSync(folder, { recursive: true });
    },
  };
}
