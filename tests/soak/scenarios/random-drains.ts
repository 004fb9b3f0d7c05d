import { isReady, type Pod } from '../../../simulator/cluster/index.ts';
import { createRandom } from '../../../simulator/cluster/random.ts';
import { beganToEnd } from '../../support/effects.ts';
import { brokenBudgets, createRandomCluster } from '../../support/random-cluster.ts';
import { startTaskWorld } from '../../support/task-world.ts';
import type { Scenario } from '../scenario.ts';

const NODES = 140;
const WORKLOADS = 160;
/** At the same time; so many cordoned nodes leave room for what they held. */
const PARALLEL = 70;

/** Drains of random nodes of a cluster of random budgets, many at once, by the agent's own code over the cluster's API. */
export const randomDrains: Scenario = {
  row: 'K1',
  title: 'random drains never break a budget, delete no pod, and end',
  unit: 'drains',
  fullSize: 10_000,
  async run({ size, seed, isOver, say }) {
    const random = createRandom(seed);
    const cluster = createRandomCluster(random, { nodes: NODES, workloads: WORKLOADS });
    const world = await startTaskWorld(cluster, random.next);
    const misses: string[] = [];
    const ends: Record<string, number> = { done: 0, failed: 0, refused: 0, evictions: 0 };
    const { store } = cluster;
    store.subscribe(event => {
      if (!beganToEnd(event)) return;
      ends.evictions = (ends.evictions ?? 0) + 1;
      const before = event.previous as Pod;
      if (!isReady(before)) return;
      const broken = brokenBudgets(cluster, before);
      if (broken.length > 0)
        misses.push(`The eviction of ${before.metadata.name} broke budget ${broken.join(', ')}.`);
    });

    const free = store.list('nodes').map(({ metadata }) => metadata.name);
    let begun = 0;
    let done = 0;
    const drainer = async () => {
      while (begun < size && !isOver()) {
        begun++;
        const [name = ''] = free.splice(random.integer(free.length), 1);
        await drain(name);
        free.push(name);
        done++;
        say(`${done} drains`);
      }
    };
    const drain = async (name: string) => {
      const uid = store.get('nodes', undefined, name)?.metadata.uid ?? '';
      const result = await world.carryOut(
        { kind: 'drain', node: { name, uid }, deleteLocalStorage: random.next() < 0.8 },
        1_000 + random.integer(4_000),
      );
      ends[result.state] = (ends[result.state] ?? 0) + 1;
      const isCordoned = store.get('nodes', undefined, name)?.spec.unschedulable === true;
      const left = store.list('pods').filter(pod => pod.spec.nodeName === name);
      if (result.state === 'done' && (left.length > 0 || !isCordoned)) {
        misses.push(
          `${name} is said to be drained; it has ${left.length} pods and is ${isCordoned ? '' : 'not '}cordoned.`,
        );
      }
      if (result.state !== 'done' && isCordoned) misses.push(`${name} stays cordoned: ${result.detail}`);
      if (!['done', 'failed', 'refused'].includes(result.state))
        misses.push(`${name}: ${result.state}, ${result.detail}`);
      store.update('nodes', undefined, name, ({ spec: { unschedulable: _, ...spec }, ...node }) => ({
        ...node,
        spec,
      }));
    };
    try {
      await Promise.all(Array.from({ length: PARALLEL }, drainer));
    } catch (error) {
      misses.push(String(error));
    } finally {
      await world.close();
    }
    const deletions = world.changes.filter(change => change.startsWith('DELETE'));
    if (deletions.length > 0) misses.push(`Something was deleted: ${deletions[0]}.`);
    if (ends.done === 0 || ends.evictions === 0)
      misses.push('No drain came to anything: this run shows nothing.');
    return { done, figures: ends, misses };
  },
};
