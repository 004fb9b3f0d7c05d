/**
 * The other side of an engine: enrols a cluster, tells its inventory as an agent does, and asks for what it is told to. In a thread of its own, so that
 * only the engine's work is seen on the engine's event loop.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type InventoryObject, protocolVersion } from '../../common/agent-protocol/index.ts';
import { api } from '../../common/contracts/index.ts';
import { readSnapshot } from '../../server/decisions/snapshot/read-snapshot.ts';
import { madeSnapshot } from './made-snapshot.ts';

/** A request to the engine; paths are relative to it. */
export interface ClientRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

/** What came of it. */
export interface ClientAnswer {
  readonly status: number;
  readonly ms: number;
  readonly bytes: number;
  /** The body, where it is short. */
  readonly text: string;
}

const PART_OBJECTS = 500;
const MOST_TEXT = 2_000;
/** An agent that is silent for long counts as away. */
const ALIVE_EVERY_MS = 5_000;

const { url, token, nodes, pods } = workerData as { url: string; token: string; nodes: number; pods: number };

async function call(method: string, path: string, body?: object, secret = token): Promise<ClientAnswer> {
  const startedAt = performance.now();
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${secret}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const ms = performance.now() - startedAt;
  return { status: response.status, ms, bytes: text.length, text: text.slice(0, MOST_TEXT) };
}

async function demand(method: string, path: string, body: object, secret?: string): Promise<unknown> {
  const { status, text } = await call(method, path, body, secret);
  if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as unknown;
}

/** @returns id of the cluster */
async function enrolCluster(): Promise<string> {
  const { token: joinToken } = (await demand('POST', api.clusters.createJoinToken.path, {
    clusterName: 'made',
  })) as { token: string };
  const enrolled = (await demand('POST', api.clusters.enrol.path, {
    joinToken,
    instanceId: 'instance-1',
    agentVersion: `0.0.${protocolVersion}`,
  })) as { clusterId: string; agentId: string; key: string };
  const secret = `${enrolled.agentId}.${enrolled.key}`;
  const objects = inventoryOf(madeSnapshot(nodes, pods));
  let seq = 0;
  const tell = (body: object) =>
    demand(
      'POST',
      api.tasks.sendMetrics.path,
      { bootEpoch: 1, messages: [{ seq: ++seq, at: Date.now(), body }] },
      secret,
    );
  for (let at = 0; at < objects.length; at += PART_OBJECTS) {
    const part = objects.slice(at, at + PART_OBJECTS);
    const more = at + PART_OBJECTS < objects.length ? { more: true } : {};
    const body =
      at === 0
        ? { kind: 'inventory.snapshot', objects: part, kubernetesVersion: 'v1.35.0', ...more }
        : { kind: 'inventory.delta', upserts: part, removals: [], ...more };
    await tell(body);
  }
  setInterval(() => void tell({ kind: 'inventory.delta', upserts: [], removals: [] }), ALIVE_EVERY_MS);
  return enrolled.clusterId;
}

/** As an agent tells it: shapes are called by a short name. */
function inventoryOf(text: string): InventoryObject[] {
  const { nodes: all, pods: every, shapes, budgets, workloads } = readSnapshot(text, 'the made snapshot');
  const names = new Map(shapes.map(({ name }, index) => [name, `shape-${index}`]));
  const nameOf = (name = '') => names.get(name) ?? name;
  return [
    ...shapes.map(shape => ({ ...shape, name: nameOf(shape.name) })),
    ...all,
    ...workloads,
    ...budgets,
    ...every.map(pod => ({ ...pod, shape: nameOf(pod.shape) })),
  ];
}

parentPort?.on('message', async ({ method, path, body }: ClientRequest) => {
  parentPort?.postMessage(await call(method, path, body));
});
parentPort?.postMessage(await enrolCluster());
