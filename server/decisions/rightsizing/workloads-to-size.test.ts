import { expect, it } from 'vitest';
import type { InventoryPod, InventoryWorkload } from '../../../common/agent-protocol/index.ts';
import { podOn } from '../small-cluster.fixture.ts';
import { autoscalerOf, GIB, usageOf } from './sizing.fixture.ts';
import { workloadsToSize } from './workloads-to-size.ts';

const replicaSet: InventoryWorkload = {
  kind: 'ReplicaSet',
  namespace: 'shop',
  name: 'web-1',
  uid: 'r',
  replicas: 2,
  readyReplicas: 2,
  ownerKind: 'Deployment',
  ownerName: 'web',
};

function pod(name: string, cpuMilli: number, change: Partial<InventoryPod> = {}): InventoryPod {
  const containers = [{ name: 'app', requests: { cpuMilli }, limits: {} }];
  return podOn('n', name, { containers, ...change });
}

function sized(pods: InventoryPod[]) {
  const inventory = {
    nodes: [],
    pods,
    budgets: [],
    workloads: [replicaSet],
    horizontalAutoscalers: [autoscalerOf(), autoscalerOf({ targetName: 'other' })],
    verticalAutoscalers: [],
  };
  const kill = { container: 'app', podUid: 'p', at: 1, memoryBytes: GIB };
  const kills = ['Deployment/shop/web', 'Deployment/shop/other'].map(workload => ({ ...kill, workload }));
  return workloadsToSize(inventory, [usageOf(100, GIB)], kills);
}

it('takes pods by their Deployment, with usage, kills and autoscalers of the same', () => {
  const [web, ...others] = sized([pod('a', 100), pod('b', 100)]);
  expect(others).toEqual([]);
  expect(web).toMatchObject({ key: 'Deployment/shop/web', kind: 'Deployment', podNodes: ['n', 'n'] });
  expect(web?.containers).toMatchObject([{ name: 'app', usage: { samples: 80_000 }, kills: [{ at: 1 }] }]);
  expect(web?.horizontal.map(({ targetName }) => targetName)).toEqual(['web']);
});

it('reads what is asked for from the newest pod, whatever the order', () => {
  const pods = [pod('old', 100, { createdAt: 1 }), pod('new', 300, { createdAt: 2 }), pod('older', 50)];
  for (const order of [pods, pods.toReversed()]) {
    expect(sized(order)[0]?.containers[0]?.requests).toEqual({ cpuMilli: 300 });
  }
});

it('leaves out pods that end, and those of agents that do not tell containers', () => {
  const { containers: _, ...silent } = pod('silent', 1);
  expect(
    sized([pod('gone', 1, { terminating: true }), pod('done', 1, { phase: 'Succeeded' }), silent]),
  ).toEqual([]);
});

it('marks static pods and pods of their own', () => {
  const alone = pod('alone', 1, { ownerKind: null, ownerName: null });
  const mirror = pod('mirror', 1, { ownerKind: 'Node', ownerName: 'n', isMirror: true });
  expect(sized([alone, mirror]).map(({ key, isStatic }) => [key, isStatic])).toEqual([
    ['Pod/shop/alone', false],
    ['Node/shop/n', true],
  ]);
});
