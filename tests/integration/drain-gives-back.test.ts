import { afterEach, expect, it } from 'vitest';
import type { ApiCall } from '../../agent/kubernetes/kubernetes-api.ts';
import { createRandom } from '../../simulator/cluster/random.ts';
import { createRandomCluster } from '../support/random-cluster.ts';
import { startTaskWorld, type TaskWorld } from '../support/task-world.ts';

let world: TaskWorld;
afterEach(() => world.close());

const isUncordon = ({ method, body }: ApiCall) =>
  method === 'PATCH' && JSON.stringify(body).includes('uncordoned');

/** A node with pods that a budget never lets go, and a drain of it that fails at its deadline. */
async function drainInVain(beforeCall: (call: ApiCall) => void) {
  const random = createRandom(1);
  const cluster = createRandomCluster(random, { nodes: 2, workloads: 4 });
  const { store } = cluster;
  for (const { metadata } of store.list('poddisruptionbudgets', 'shop'))
    store.remove('poddisruptionbudgets', 'shop', metadata.name);
  store.create('poddisruptionbudgets', {
    metadata: { name: 'never', namespace: 'shop' },
    spec: { minAvailable: 1_000, selector: {} },
  });
  world = await startTaskWorld(cluster, random.next, beforeCall);
  const name = store.list('pods')[0]?.spec.nodeName ?? '';
  const uid = store.get('nodes', undefined, name)?.metadata.uid ?? '';
  const action = { kind: 'drain', node: { name, uid }, deleteLocalStorage: true } as const;
  const result = await world.carryOut(action, 5_000);
  return { result, node: store.get('nodes', undefined, name), name };
}

it('gives its node back although the Kubernetes API is away when it fails', async () => {
  let refusals = 0;
  const { result, node, name } = await drainInVain(call => {
    if (!isUncordon(call) || refusals === 2) return;
    refusals++;
    throw new Error('The API is away.');
  });
  expect(refusals).toBe(2);
  expect(result.state).toBe('failed');
  expect(result.detail).toContain(`Node ${name} is uncordoned again.`);
  expect(node?.spec.unschedulable).toBeUndefined();
});

it('leaves a node alone that another task has cordoned since, also when that comes between its look and its change', async () => {
  let isTaken = false;
  const { result, node, name } = await drainInVain(call => {
    if (!isUncordon(call) || isTaken) return;
    isTaken = true;
    const other = JSON.stringify({ taskId: 'another', epoch: 2, step: 'cordoned' });
    world.cluster.store.update('nodes', undefined, call.path.split('/').at(-1) ?? '', current => ({
      ...current,
      metadata: { ...current.metadata, annotations: { 'cloudoptim.io/task': other } },
    }));
  });
  expect(isTaken).toBe(true);
  expect(result.detail).toContain(`Node ${name} is left as another task has it.`);
  expect(node?.spec.unschedulable).toBe(true);
});
