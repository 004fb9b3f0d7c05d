import { randomUUID } from 'node:crypto';
import type { TaskAction } from '../../../common/agent-protocol/index.ts';
import { createRandom } from '../../../simulator/cluster/random.ts';
import { createRandomCluster } from '../../support/random-cluster.ts';
import { startTaskWorld } from '../../support/task-world.ts';
import type { Scenario } from '../scenario.ts';

const PARALLEL = 100;
/** Far beyond what a busy machine needs: at the deadline an agent does nothing, which would show nothing. */
const DEADLINE_MS = 120_000;
const KINDS = ['evict', 'delete-node', 'cordon', 'uncordon', 'drain'] as const;
type Kind = (typeof KINDS)[number];

/**
 * What a task is about is replaced by another object of the same name: before the task comes, or after the agent looked and just before
 * its change goes out. The other one must be as it was.
 */
export const sameNames: Scenario = {
  row: 'K3a',
  title: 'an object that was made anew under the same name is left alone',
  unit: 'recreations',
  fullSize: 1_000,
  async run({ size, seed, isOver, say }) {
    const random = createRandom(seed);
    const cluster = createRandomCluster(random, { nodes: 1, workloads: 0 });
    const { store } = cluster;
    const replacements = new Map<string, () => void>();
    const world = await startTaskWorld(cluster, random.next, ({ method, path }) => {
      if (method === 'GET') return;
      const name = path.split('/').find(part => replacements.has(part));
      if (name === undefined) return;
      replacements.get(name)?.();
      replacements.delete(name);
    });
    const misses: string[] = [];
    const figures: Record<string, number> = { early: 0, late: 0 };

    const makePod = (name: string) =>
      store.create('pods', {
        metadata: { name, namespace: 'shop', uid: randomUUID() },
        spec: { containers: [{ name: 'main', image: 'main' }] },
        status: { phase: 'Running' },
      });
    const makeNode = (name: string, isCordoned: boolean) =>
      store.create('nodes', { metadata: { name }, spec: isCordoned ? { unschedulable: true } : {} });

    const tryOne = async (n: number) => {
      const kind: Kind = KINDS[n % KINDS.length] ?? 'evict';
      const name = `twin-${n}`;
      const isPod = kind === 'evict';
      // The change that would be made must be one: a cordoned node is uncordoned.
      const make = () => (isPod ? makePod(name) : makeNode(name, kind === 'uncordon'));
      const uid = make()?.metadata.uid ?? '';
      let twin: string | undefined;
      const replace = () => {
        if (isPod) store.remove('pods', 'shop', name);
        else store.remove('nodes', undefined, name);
        twin = make()?.metadata.uid;
      };
      const isEarly = random.next() < 0.3;
      figures[isEarly ? 'early' : 'late'] = (figures[isEarly ? 'early' : 'late'] ?? 0) + 1;
      if (isEarly) replace();
      else replacements.set(name, replace);
      const result = await world.carryOut(actionOf(kind, name, uid), DEADLINE_MS);
      const now = isPod ? store.get('pods', 'shop', name) : store.get('nodes', undefined, name);
      const isCordoned = (now?.spec as { unschedulable?: boolean } | undefined)?.unschedulable === true;
      const what = `${kind} of ${name} (${result.state}: ${result.detail})`;
      if (twin === undefined) misses.push(`${what} asked for no change, so nothing was replaced.`);
      else if (now?.metadata.uid !== twin) misses.push(`${what} took the other one away.`);
      else if (now.metadata.deletionTimestamp !== undefined) misses.push(`${what} made the other one go.`);
      else if (!isPod && isCordoned !== (kind === 'uncordon')) misses.push(`${what} changed the other one.`);
      if (isPod) store.remove('pods', 'shop', name);
      else store.remove('nodes', undefined, name);
    };

    let begun = 0;
    let done = 0;
    const worker = async () => {
      while (begun < size && !isOver()) {
        await tryOne(begun++);
        done++;
        say(`${done} recreations`);
      }
    };
    try {
      await Promise.all(Array.from({ length: PARALLEL }, worker));
    } finally {
      await world.close();
    }
    return { done, figures, misses };
  },
};

function actionOf(kind: Kind, name: string, uid: string): TaskAction {
  if (kind === 'evict') return { kind, pod: { namespace: 'shop', name, uid } };
  const node = { name, uid };
  return kind === 'drain' ? { kind, node, deleteLocalStorage: true } : { kind, node };
}
