import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, type NodeView, type TaskView } from '../../common/contracts/index.ts';
import { type PlanWorld, startPlanWorld } from '../support/plan-world.ts';

/** From the notice to the end of the instance here; the engine counts on the two minutes of AWS. */
const NOTICE_MS = 60_000;

let world: PlanWorld;
let clusterId: string;
beforeAll(async () => {
  world = await startPlanWorld();
  clusterId = await world.clusterId();
  await world.call('POST', api.policies.savePolicy.path.replace(':scope', 'default'), {
    document: { spotInterruptions: 'drain' },
    baseRevision: 0,
  });
}, 120_000);
afterAll(() => world.close());

const ofCluster = (path: string) => path.replace(':id', clusterId);
const nodes = async () =>
  (await world.call<{ nodes: NodeView[] }>('GET', ofCluster(api.clusters.getCluster.path))).nodes;
const tasksOf = async (name: string) => {
  const path = ofCluster(api.clusterParts.listTasks.path);
  const { rows } = await world.call<{ rows: TaskView[] }>('GET', path);
  return rows.filter(({ object }) => object.endsWith(`/${name}`));
};
/** Pods that can go: those of DaemonSets stay, and the budget of the ledger never allows anything. */
const podsOn = (name: string) =>
  world.cluster.store
    .list('pods')
    .filter(
      ({ spec, metadata }) =>
        spec.nodeName === name &&
        metadata.ownerReferences?.[0]?.kind !== 'DaemonSet' &&
        !metadata.name.startsWith('ledger'),
    );

/** Spot nodes of a node group, with pods on them: Karpenter would drain its own. */
async function spotNodes(): Promise<string[]> {
  const { store } = world.cluster;
  const names = store
    .list('nodes')
    .filter(({ metadata }) => metadata.labels?.['karpenter.sh/capacity-type'] === 'spot')
    .map(({ metadata }) => metadata.name)
    .filter(name => podsOn(name).length > 0);
  for (const name of names) {
    store.update('nodes', undefined, name, node => ({
      ...node,
      metadata: {
        ...node.metadata,
        labels: {
          ...Object.fromEntries(
            Object.entries(node.metadata.labels ?? {}).filter(([key]) => !key.startsWith('karpenter.')),
          ),
          'eks.amazonaws.com/nodegroup': 'spot',
          'eks.amazonaws.com/capacityType': 'SPOT',
        },
        ownerReferences: [],
      },
    }));
  }
  await world.until(async () => {
    const seen = (await nodes()).filter(({ name }) => names.includes(name));
    const isSeen = seen.every(
      ({ owner, capacityType }) => owner?.kind === 'eks-node-group' && capacityType === 'spot',
    );
    return isSeen ? true : undefined;
  }, 'Owners of the Spot nodes');
  return names;
}

describe('AWS takes Spot nodes away', () => {
  it('each is cordoned at once and emptied before, once, however often it is said and though the engine is killed', {
    timeout: 240_000,
  }, async () => {
    const names = await spotNodes();
    expect(names.length).toBeGreaterThan(1);
    const { cluster, effects } = world;
    const moved = new Set(names.flatMap(name => podsOn(name).map(({ metadata }) => metadata.uid)));
    const killed = new Promise<void>((resolve, reject) => {
      const stop = cluster.store.subscribe(({ resource, object }) => {
        if (resource !== 'nodes' || !(object.spec as { unschedulable?: boolean }).unschedulable) return;
        stop();
        world
          .killEngine()
          .then(() => world.startEngine())
          .then(resolve, reject);
      });
    });
    for (const name of names) {
      cluster.interruptions.interrupt(name, Date.now(), NOTICE_MS);
      cluster.interruptions.recommendRebalance(name, Date.now());
      cluster.interruptions.interrupt(name, Date.now(), NOTICE_MS);
    }
    await killed;
    await world.until(
      () => (names.every(name => podsOn(name).length === 0) ? true : undefined),
      'The end of the pods on the nodes',
    );
    // Emptied by the engine, not by the end of the instances.
    for (const name of names) expect(cluster.store.get('nodes', undefined, name)).toBeDefined();
    await world.until(
      () => (names.some(name => cluster.store.get('nodes', undefined, name)) ? undefined : true),
      'The end of the nodes',
    );
    for (const name of names) {
      expect(effects.cordons.filter(each => each === name)).toHaveLength(1);
      const tasks = await world.until(async () => {
        const all = await tasksOf(name);
        return all.every(({ state }) => state !== 'running' && state !== 'queued') ? all : undefined;
      }, `The end of the tasks for ${name}`);
      expect(tasks.map(({ kind, state }) => `${kind} ${state}`).toSorted()).toEqual([
        'cordon done',
        'drain done',
      ]);
    }
    const ended = effects.evictions.filter(uid => moved.has(uid));
    expect(new Set(ended).size).toBe(ended.length);
    expect(world.cordoned()).toEqual([]);
  });
});
