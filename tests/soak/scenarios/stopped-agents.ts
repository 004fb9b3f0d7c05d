import type { AgentProcess } from '../../support/agent-process.ts';
import { cordonChange } from '../../support/effects.ts';
import { type FaultWorld, startFaultWorld } from '../../support/fault-world.ts';
import { type Scenario, until } from '../scenario.ts';

const DEADLINE_MS = 4_000;
/** Until another agent is enrolled, has listed the cluster and reported it. */
const START_MS = 60_000;
/** In which an agent that goes on would do what it still has in mind. */
const AFTERWARDS_MS = 2_500;

/**
 * The agent stands still in the middle of a drain, past the deadline; another one takes the cluster over and cordons the same node; then
 * the first one goes on. It must do nothing any more, and nothing that it says counts.
 */
export const stoppedAgents: Scenario = {
  row: 'T3',
  title: 'an agent that stood still past its deadline changes nothing and is not believed',
  unit: 'stops',
  fullSize: 100,
  async run({ size, seed, isOver, say }) {
    const world = await startFaultWorld(seed);
    const misses: string[] = [];
    let done = 0;
    try {
      let agent = await world.enrolAgent();
      while (done < size && !isOver()) {
        const round = await stopOne(world, agent);
        misses.push(...round.misses);
        agent = round.agent;
        done++;
        say(`${done} stops`);
      }
    } finally {
      await world.close();
    }
    return { done, figures: {}, misses };
  },
};

async function stopOne(
  { cluster, room, effects, enrolAgent }: FaultWorld,
  agent: AgentProcess,
): Promise<{ misses: string[]; agent: AgentProcess }> {
  const misses: string[] = [];
  const { store } = cluster;
  const node = drainableNode(cluster);
  const { name } = node;
  const clusterId = await until(
    () => room.clusters.summaries().find(({ state, nodes }) => state === 'live' && nodes > 0)?.id,
    'A live cluster',
    START_MS,
  );
  // Reports of the agent before may have made it live.
  await until(
    () => (agent.said().includes('Connected to CloudOptim') ? true : undefined),
    'The agent',
    START_MS,
  );

  const stopped = new Promise<void>(resolve => {
    const stop = store.subscribe(event => {
      if (event.object.metadata.name !== name || cordonChange(event) !== 'cordon') return;
      stop();
      agent.child.kill('SIGSTOP');
      resolve();
    });
  });
  const order = { action: { kind: 'drain' as const, node, deleteLocalStorage: true }, dryRun: false };
  const { taskId } = await room.clusters.sendTask(clusterId, { ...order, deadlineMs: DEADLINE_MS });
  await stopped;
  const cordonsBefore = effects.cordons.length;
  await new Promise(resolve => setTimeout(resolve, DEADLINE_MS));

  const successor = await enrolAgent();
  await until(
    () => (successor.said().includes('Connected to CloudOptim') ? true : undefined),
    'The successor',
    START_MS,
  );
  const verdict = (await room.clusters.getTask(taskId))?.state;
  if (verdict !== 'failed') misses.push(`The task of the agent that is gone is ${verdict}, not failed.`);
  // The node is cordoned already, so this one owns it by its note alone.
  const cordon = await room.clusters.sendTask(clusterId, {
    action: { kind: 'uncordon', node },
    dryRun: false,
    deadlineMs: 60_000,
  });
  await until(
    async () => ((await room.clusters.getTask(cordon.taskId))?.state === 'done' ? true : undefined),
    'The uncordon',
  );
  const again = await room.clusters.sendTask(clusterId, {
    action: { kind: 'cordon', node },
    dryRun: false,
    deadlineMs: 60_000,
  });
  await until(
    async () => ((await room.clusters.getTask(again.taskId))?.state === 'done' ? true : undefined),
    'The cordon',
  );

  const [evictions, uncordons] = [effects.evictions.length, effects.uncordons.length];
  agent.child.kill('SIGCONT');
  await Promise.race([agent.ended, new Promise(resolve => setTimeout(resolve, AFTERWARDS_MS))]);
  await new Promise(resolve => setTimeout(resolve, AFTERWARDS_MS));
  if (effects.evictions.length > evictions) misses.push(`${name}: a pod was evicted after the deadline.`);
  if (effects.uncordons.length > uncordons)
    misses.push(`${name}: the cordon of another task was taken back.`);
  if (effects.cordons.length !== cordonsBefore + 1)
    misses.push(`${name} was cordoned ${effects.cordons.length} times.`);
  const late = await room.clusters.getTask(taskId);
  if (late?.state !== 'failed' || late.result?.detail.includes('deadline passed')) {
    misses.push(`A result of the agent that is gone was taken: ${late?.state}, ${late?.result?.detail}`);
  }
  agent.kill();
  store.update('nodes', undefined, name, ({ spec: { unschedulable: _, ...spec }, ...rest }) => ({
    ...rest,
    spec,
  }));
  return { misses, agent: successor };
}

/** A node whose pods may all be evicted. */
function drainableNode({ store }: FaultWorld['cluster']): { name: string; uid: string } {
  const pods = store.list('pods');
  const found = store.list('nodes').find(node => {
    const own = pods
      .filter(pod => pod.spec.nodeName === node.metadata.name)
      .map(({ metadata }) => metadata.name);
    return own.length > 2 && !own.some(name => /^(notebook|training|ledger)/.test(name));
  });
  if (!found) throw new Error('no node can be drained');
  return { name: found.metadata.name, uid: found.metadata.uid };
}
