import type { AgentMessageBody, InventoryObject } from '../../common/agent-protocol/index.ts';
import { testNode, testPod } from '../../server/clusters/testing/test-objects.ts';
import type { Demo } from './demo-process.ts';

const OBJECTS_PER_MESSAGE = 2_000;
const TYPES = ['m5.xlarge', 'c5.2xlarge', 'r5.large', 'm5.4xlarge'];
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

/**
 * Reports a cluster to a demo as an agent over plain requests does: nodes with ten pods each, and one event.
 * @returns its id
 */
export async function reportLargeCluster(demo: Demo, name: string, nodes: number): Promise<string> {
  const { token } = await demo.ask<{ token: string }>('/api/v1/admin/enrolment/tokens', {
    clusterName: name,
  });
  const post = async <Answer>(path: string, body: object, secret?: string): Promise<Answer> => {
    const answer = await fetch(demo.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const { agentId, clusterId, key } = await post<{ agentId: string; clusterId: string; key: string }>(
    '/api/v1/client/enrol',
    { joinToken: token, agentVersion: '0.1.0', instanceId: 'large' },
  );
  const objects = largeCluster(nodes);
  const bodies: AgentMessageBody[] = [];
  for (let at = 0; at < objects.length; at += OBJECTS_PER_MESSAGE) {
    const part = objects.slice(at, at + OBJECTS_PER_MESSAGE);
    const more = at + OBJECTS_PER_MESSAGE < objects.length;
    bodies.push(
      at === 0
        ? { kind: 'inventory.snapshot', objects: part, kubernetesVersion: 'v1.35.0', more }
        : { kind: 'inventory.delta', upserts: part, removals: [], more },
    );
  }
  bodies.push({
    kind: 'event',
    reason: 'SpotInterrupted',
    object: 'Node//node-7',
    message: 'Spot interruption warning was triggered',
    severity: 'warning',
  });
  for (const [index, body] of bodies.entries()) {
    const messages = [{ seq: index + 1, at: Date.now(), body }];
    const outbox = { waiting: bodies.length - index - 1, dropped: { usage: 12 } };
    await post('/api/v1/client/metrics', { bootEpoch: 1, messages, outbox }, `${agentId}.${key}`);
  }
  return clusterId;
}

function largeCluster(nodes: number): InventoryObject[] {
  const pods = Array.from({ length: nodes }, (_, n) => n).flatMap(n => [
    nodeOf(n),
    ...Array.from({ length: 10 }, (_, slot) => podOf(n, slot)),
  ]);
  // Their rules are told before them.
  return [{ kind: 'PodShape', name: 'plain' }, ...pods];
}

function nodeOf(n: number): InventoryObject {
  return testNode(`node-${n}`, {
    labels: {
      'topology.kubernetes.io/zone': ZONES[n % ZONES.length] ?? '',
      'topology.kubernetes.io/region': 'us-east-1',
      'node.kubernetes.io/instance-type': TYPES[n % TYPES.length] ?? '',
      'karpenter.sh/capacity-type': n % 4 === 0 ? 'spot' : 'on-demand',
      'karpenter.sh/nodepool': n % 2 === 0 ? 'web' : 'batch',
    },
    unschedulable: n % 50 === 0,
    createdAt: 1_790_000_000_000,
    allocatable: { cpuMilli: 3_920, memoryBytes: 15e9, pods: 58 },
    extended: {},
  });
}

function podOf(n: number, slot: number): InventoryObject {
  const owner = `service-${(n * 10 + slot) % 180}`;
  return testPod(`${owner}-${n}-${slot}`, `node-${n}`, {
    namespace: `team-${slot}`,
    labels: { app: owner },
    createdAt: 1_790_000_000_000,
    shape: 'plain',
    ownerKind: 'StatefulSet',
    ownerName: owner,
    requests: { cpuMilli: 100 + ((n * 7 + slot * 13) % 260), memoryBytes: 5e8 },
  });
}
