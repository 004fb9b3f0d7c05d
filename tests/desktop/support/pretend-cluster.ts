import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { api } from '../../../common/contracts/index.ts';
import type { EngineAddress } from '../../../common/desktop-bridge.ts';
import { createSmallShop } from '../../../simulator/cluster/index.ts';
import { startKubernetesApi } from '../../../simulator/kubernetes-api/index.ts';
import { startAgent } from '../../support/agent-process.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** A pretend cluster whose real agent has enrolled at the engine of a desktop app. */
export interface EnrolledCluster {
  readonly id: string;
  /** Lets the engine look for savings now. */
  findSavings(): Promise<void>;
  close(): Promise<void>;
}

/** Brings a cluster up and waits until it is live. @param folder of its own */
export async function enrolCluster(
  { baseUrl, token }: EngineAddress,
  folder: string,
): Promise<EnrolledCluster> {
  const call = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const answer = await fetch(baseUrl + path, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const { types } = JSON.parse(readFileSync(join(root, 'resources/catalog/instance-types.json'), 'utf8'));
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  const cluster = createSmallShop({ catalog: types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones });
  const ticking = setInterval(() => cluster.tick(Date.now()), 200);
  const kubernetes = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubernetes.kubeconfig());
  const joining = await call<{ token: string }>(api.clusters.createJoinToken.path, { clusterName: 'shop' });
  const flags = ['--server', baseUrl, '--data', join(folder, 'agent'), '--kubeconfig', kubeconfig];
  const agent = startAgent([...flags, '--join', joining.token]);
  const close = async () => {
    agent.kill();
    await agent.ended;
    clearInterval(ticking);
    await kubernetes.close();
  };
  try {
    const id = await liveCluster(path => call(path));
    return {
      id,
      close,
      findSavings: async () => void (await call(api.decisions.trigger.path, { clusterId: id })),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Listed = { clusters: { id: string; state: string; nodes: number }[] };

async function liveCluster(call: (path: string) => Promise<Listed>): Promise<string> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { clusters } = await call(api.clusters.listClusters.path);
    const live = clusters.find(({ state, nodes }) => state === 'live' && nodes > 0);
    if (live) return live.id;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error('The cluster did not become live within a minute.');
}
