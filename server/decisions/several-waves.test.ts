import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkWave } from './check-wave.ts';
import { ann, DecisionRoom, until } from './decision-room.fixture.ts';
import { freshSteps } from './plan-progress.ts';
import { PlanStore } from './plan-store.ts';
import { defaultPolicy } from './policy.ts';
import { budgetOf } from './small-cluster.fixture.ts';

let room: DecisionRoom;
beforeEach(async () => {
  room = await DecisionRoom.open();
});
afterEach(() => room.close());

describe('a plan of several waves', () => {
  /** A plan of a run, made to take `waves` instead of its one node; approved. */
  async function approvedFor(waves: readonly (readonly string[])[]): Promise<string> {
    const { id } = await room.proposed();
    const machine = {
      instanceType: 'm5.xlarge',
      zone: 'us-east-1a',
      capacityType: 'on-demand' as const,
      priceMicroUsdPerHour: 192_000,
    };
    const nodes = waves.map(wave => wave.map(name => ({ name, uid: `uid-${name}`, ...machine })));
    const store = new PlanStore(room.database);
    const found = await room.decisions.get(id);
    const plan = {
      ...found,
      kind: 'repack' as const,
      remove: nodes.flat(),
      steps: freshSteps(nodes.map(remove => ({ remove, order: [] }))),
    };
    await store.write(transaction => store.replacePlan(transaction, plan, 'proposed'));
    expect((await room.decisions.approve(id, ann)).state).toBe('approved');
    return id;
  }
  const work = async (...wanted: string[]) => {
    for (const one of wanted) {
      const [kind = ''] = one.split(' ');
      await room.waitingTask(kind);
      room.cluster.work();
    }
  };
  const removeBy = async (name: string) => {
    room.cluster.changeNodes(nodes => nodes.filter(node => node.name !== name));
  };

  const shut = () => room.cluster.observed.nodes.filter(({ cordoned }) => cordoned).map(({ name }) => name);

  it('looks again before the second, refuses it with the difference, and keeps what is done', async () => {
    const id = await approvedFor([['c'], ['d']]);
    await work('cordon', 'cordon', 'drain');
    expect(shut()).toEqual(['c', 'd']);
    room.cluster.changeNodes(nodes =>
      nodes.map(node => (node.name === 'd' ? { ...node, instanceType: 'c5.xlarge' } : node)),
    );
    await work('delete-node', 'uncordon');
    expect((await room.inState(id, 'stale')).outcome).toBe(
      'Wave 2 was not begun: Node d is c5.xlarge now, not m5.xlarge. Node c was drained and removed before that. Node d was uncordoned and takes pods again.',
    );
    expect(room.kinds()).toEqual(['cordon', 'cordon', 'drain', 'delete-node', 'uncordon']);
    expect(shut()).toEqual([]);
    expect((await store().breaker('c1')).failuresInARow).toBe(0);
  });

  it('is not begun where somebody has cordoned a node of a later wave', async () => {
    const id = await approvedFor([['c'], ['d']]);
    await room.waitingTask('cordon');
    const plan = await room.decisions.get(id);
    const { observed } = room.cluster;
    const nodes = observed.nodes.map(node => (node.name === 'd' ? { ...node, cordoned: true } : node));
    expect(checkWave(plan, { wave: 1 }, { ...observed, nodes }, [], defaultPolicy)).toEqual({
      verdict: 'stale',
      text: 'Node d is cordoned already: somebody else is at work on it.',
    });
    const left = { ...observed, nodes: observed.nodes.filter(({ name }) => name !== 'd') };
    expect(checkWave(plan, { wave: 1 }, left, [], defaultPolicy)).toEqual({
      verdict: 'holds',
      gone: ['uid-d'],
    });
  });

  it('opens the nodes of later waves while a freeze holds them back, and shuts them again', async () => {
    const id = await approvedFor([['c'], ['d'], ['e']]);
    await work('cordon', 'cordon', 'cordon', 'drain');
    const until0 = room.nowMs + 3_600_000;
    const freeze = { until: new Date(until0).toISOString(), reason: 'sale' };
    await room.decisions.policies.save('c1', { document: { freeze } }, 0, ann);
    await work('delete-node', 'uncordon', 'uncordon');
    await until(async () =>
      (await room.decisions.get(id)).steps.some(({ detail }) => /^Waits: Frozen until/.test(detail ?? '')),
    );
    expect(shut()).toEqual([]);
    expect(room.cluster.waiting).toBeUndefined();
    // A look at the cluster again while it is frozen changes nothing.
    await room.decisions.start();
    expect(room.kinds()).toHaveLength(7);
    room.nowMs = until0 + 60_000;
    await room.decisions.start();
    await work('cordon', 'cordon', 'drain');
    expect(shut()).toEqual(['d', 'e']);
    await work('delete-node', 'drain', 'delete-node');
    const ended = await room.inState(id, 'succeeded');
    expect(ended.steps.map(({ index }) => index)).toEqual(ended.steps.map((_, place) => place));
    expect(shut()).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'leaves no node shut when it is stopped at its task %i, in another process',
    async count => {
      const id = await approvedFor([['c'], ['d'], ['e']]);
      const tasks = ['cordon', 'cordon', 'cordon', 'drain', 'delete-node', 'drain'].slice(0, count);
      await work(...tasks.slice(0, -1));
      await room.waitingTask(tasks.at(-1) ?? '');
      // The engine dies while the agent is at it, and hears of the result later.
      await room.decisions.stop();
      room.cluster.work('done', 'done', true);
      room.decisions = await room.another();
      await room.decisions.stopPlan(id, ann);
      await room.decisions.start();
      await until(async () => {
        if (room.cluster.waiting) room.cluster.work();
        return (await room.decisions.get(id)).state === 'stopped';
      });
      expect(shut()).toEqual([]);
    },
  );
  const store = () => new PlanStore(room.database);

  it('waits before a wave for a budget, and gives up when that does not pass', async () => {
    const { inventory } = room.cluster.observed;
    const id = await approvedFor([['c'], ['a']]);
    await work('cordon', 'cordon', 'drain');
    const budgets = [budgetOf('web', { app: 'web' }, 0)];
    room.cluster.observed = { ...room.cluster.observed, inventory: { ...inventory, budgets } };
    await work('delete-node');
    await until(async () =>
      /^Waits: .*allows no disruption/.test((await room.decisions.get(id)).steps[5]?.detail ?? ''),
    );
    room.nowMs += 60 * 60_000;
    await room.decisions.start();
    await work('uncordon');
    expect((await room.inState(id, 'stale')).outcome).toMatch(
      /In 1 h this did not pass: .* Node c was drained/,
    );
  });

  it('drains side by side only what shares no budget and no workload', async () => {
    const id = await approvedFor([['a', 'b', 'c']]);
    await work('cordon', 'cordon', 'cordon');
    await room.waitingTask('drain');
    await until(async () => room.cluster.tasks.filter(task => task.action.kind === 'drain').length === 2);
    // Nodes a and b hold pods of one Deployment.
    const drained = () =>
      room.cluster.tasks.flatMap(({ action }) => (action.kind === 'drain' ? [action.node.name] : []));
    expect(drained()).toEqual(['a', 'c']);
    room.cluster.work();
    await until(async () => drained().length === 3);
    expect(drained()).toEqual(['a', 'c', 'b']);
    for (let left = 5; left > 0; left--) {
      await until(async () => room.cluster.waiting);
      room.cluster.work();
    }
    await room.inState(id, 'succeeded');
  });

  it('goes on without a node that left by itself meanwhile', async () => {
    const id = await approvedFor([['c'], ['d']]);
    await work('cordon', 'cordon', 'drain');
    await removeBy('d');
    await work('delete-node');
    const ended = await room.inState(id, 'succeeded');
    expect(ended.steps.at(-1)).toMatchObject({ startedAt: null, detail: 'Node d was gone already.' });
  });
});
