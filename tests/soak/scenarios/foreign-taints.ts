import type { Node } from '../../../simulator/cluster/index.ts';
import { createRandom } from '../../../simulator/cluster/random.ts';
import { createRandomCluster } from '../../support/random-cluster.ts';
import { startTaskWorld, type TaskWorld } from '../../support/task-world.ts';
import type { Scenario } from '../scenario.ts';

/** At the same time. Of so many that write at once one gets through, so more of them only ask more often. */
const EDITORS = 20;
/** Between two changes of the agent, in which others get to write. */
const PAUSE_MS = 200;

/** Others taint a node, each from what it read, while the agent cordons and uncordons the same node again and again. */
export const foreignTaints: Scenario = {
  row: 'K3b',
  title: 'taints that others put on a node meanwhile are all there',
  unit: 'taint edits',
  fullSize: 200,
  async run({ size, seed, say }) {
    const random = createRandom(seed);
    const cluster = createRandomCluster(random, { nodes: 1, workloads: 0 });
    const world = await startTaskWorld(cluster, random.next);
    const [node] = cluster.store.list('nodes');
    if (!node) throw new Error('the cluster has no node');
    const { name, uid } = node.metadata;
    let isDone = false;
    let changes = 0;
    try {
      const cordon = async () => {
        while (!isDone || changes < 2) {
          const kind = changes % 2 === 0 ? 'cordon' : 'uncordon';
          const { state, detail } = await world.carryOut({ kind, node: { name, uid } }, 120_000);
          if (state !== 'done') throw new Error(`${kind}: ${detail}`);
          changes++;
          await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
        }
      };
      const left = Array.from({ length: size }, (_, n) => `team-${n}`).values();
      const edit = async () => {
        let conflicts = 0;
        for (const key of left) conflicts += await taint(world, name, key);
        return conflicts;
      };
      const edits = async () => {
        const counts = await Promise.all(Array.from({ length: EDITORS }, edit)).finally(() => {
          isDone = true;
        });
        return counts.reduce((sum, one) => sum + one, 0);
      };
      const [conflicts] = await Promise.all([edits(), cordon()]);
      const kept = new Set(cluster.store.get('nodes', undefined, name)?.spec.taints?.map(({ key }) => key));
      const lost = Array.from({ length: size }, (_, n) => `team-${n}`).filter(key => !kept.has(key));
      say(`${size} edits`);
      return {
        done: size,
        figures: { cordons: changes, conflicts },
        misses: lost.map(key => `The taint ${key} is lost.`),
      };
    } finally {
      await world.close();
    }
  },
};

/** Reads, adds, writes under the version that was read; again when somebody else was faster. @returns how often that was */
async function taint(world: TaskWorld, name: string, key: string): Promise<number> {
  const url = `${world.url}/api/v1/nodes/${name}`;
  const headers = { authorization: 'Bearer all', 'content-type': 'application/json' };
  for (let conflicts = 0; ; conflicts++) {
    const node = (await (await fetch(url, { headers })).json()) as Node;
    const taints = [...(node.spec.taints ?? []), { key, effect: 'NoSchedule' }];
    const body = JSON.stringify({ ...node, spec: { ...node.spec, taints } });
    const { status } = await fetch(url, { method: 'PUT', headers, body });
    if (status === 200) return conflicts;
    if (status !== 409) throw new Error(`the taint ${key} was answered ${status}`);
  }
}
