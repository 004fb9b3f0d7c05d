import type { AgentTask } from '../../../common/agent-protocol/index.ts';
import type { StoreEvent } from '../../../simulator/cluster/index.ts';
import type { AgentProcess } from '../../support/agent-process.ts';
import { type AgentWorld, startAgentWorld } from '../../support/agent-world.ts';
import { beganToEnd, cordonChange, countEffects } from '../../support/effects.ts';
import type { Scenario } from '../scenario.ts';

/** Kills the agent inside its next effect: the cluster has changed, and the agent has not heard of it. */
export function killAtNextEffect(
  { cluster }: AgentWorld,
  agent: AgentProcess,
  isEffect: (event: StoreEvent) => boolean,
): Promise<void> {
  return new Promise(resolve => {
    const stop = cluster.store.subscribe(event => {
      if (!isEffect(event)) return;
      stop();
      agent.kill();
      void agent.ended.then(() => resolve());
    });
  });
}

/** Node after node is drained by an agent that is killed at each cordon and each eviction. */
export const killedAgents: Scenario = {
  row: 'T2',
  title: 'an agent that is killed at every effect does each once and ends every drain',
  unit: 'kills',
  fullSize: 200,
  async run({ size, isOver, say }) {
    const world = await startAgentWorld();
    const { cluster, api, server } = world;
    const { store } = cluster;
    const effects = countEffects(cluster);
    const misses: string[] = [];
    let kills = 0;
    let drains = 0;
    let isDone = false;
    try {
      let agent = world.start(['--join', 'token']);
      await server.until(() => server.handshakes[0], 'The handshake');
      const harry = async () => {
        while (!isDone) {
          await killAtNextEffect(
            world,
            agent,
            event => cordonChange(event) === 'cordon' || beganToEnd(event),
          );
          kills++;
          say(`${kills} kills`);
          agent = world.start();
        }
      };
      void harry();
      while (kills < size && !isOver()) {
        drains++;
        const { name, uid } = drainableNode(world);
        const task: AgentTask = {
          taskId: `drain-${drains}`,
          epoch: drains,
          deadlineAt: Date.now() + 600_000,
          dryRun: false,
          action: { kind: 'drain', node: { name, uid }, deleteLocalStorage: true },
        };
        const cordonsBefore = effects.cordons.length;
        server.offer(task);
        const result = await server.end(task.taskId, 600_000);
        if (result.state !== 'done') misses.push(`${name}: ${result.state}, ${result.detail}`);
        const cordons = effects.cordons.length - cordonsBefore;
        if (cordons !== 1) misses.push(`${name} was cordoned ${cordons} times.`);
        const left = store.list('pods').filter(pod => pod.spec.nodeName === name);
        if (left.some(pod => pod.metadata.ownerReferences?.[0]?.kind !== 'DaemonSet'))
          misses.push(`${name} is said to be drained and is not empty.`);
        store.update('nodes', undefined, name, ({ spec: { unschedulable: _, ...spec }, ...rest }) => ({
          ...rest,
          spec,
        }));
      }
      const twice = effects.evictions.length - new Set(effects.evictions).size;
      if (twice > 0) misses.push(`${twice} pods were made to go twice.`);
      const asked = api.requests.filter(one => one.url.endsWith('/eviction') && one.code === 201);
      if (asked.length > effects.evictions.length)
        misses.push(`${asked.length} evictions were granted for ${effects.evictions.length} pods.`);
      return { done: kills, figures: { drains, evictions: effects.evictions.length }, misses };
    } finally {
      isDone = true;
      await world.close();
    }
  },
};

/** The node with the fewest pods that have to go, three at least; every one of them may. */
function drainableNode({ cluster: { store } }: AgentWorld): { name: string; uid: string } {
  const pods = store
    .list('pods')
    .filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind !== 'DaemonSet');
  const on = (name: string) => pods.filter(pod => pod.spec.nodeName === name);
  const [found] = store
    .list('nodes')
    .filter(({ metadata }) => on(metadata.name).length >= 3)
    .filter(
      ({ metadata }) => !on(metadata.name).some(pod => /^(notebook|training|ledger)/.test(pod.metadata.name)),
    )
    .toSorted((a, b) => on(a.metadata.name).length - on(b.metadata.name).length);
  if (!found) throw new Error('no node can be drained');
  return found.metadata;
}
