import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ann, DecisionRoom, until } from './decision-room.fixture.ts';
import { freshSteps } from './plan-progress.ts';
import { PlanStore } from './plan-store.ts';
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

  it('looks again before the second, refuses it with the difference, and keeps what is done', async () => {
    const id = await approvedFor([['c'], ['d']]);
    await work('cordon', 'drain');
    room.cluster.changeNodes(nodes =>
      nodes.map(node => (node.name === 'd' ? { ...node, cordoned: true } : node)),
    );
    await work('delete-node');
    expect((await room.inState(id, 'stale')).outcome).toBe(
      'Wave 2 was not begun: Node d is cordoned already: somebody else is at work on it. Node c was drained and removed before that.',
    );
    expect(room.kinds()).toEqual(['cordon', 'drain', 'delete-node']);
    expect((await store().breaker('c1')).failuresInARow).toBe(0);
  });
  const store = () => new PlanStore(room.database);

  it('waits before a wave for a budget, and gives up when that does not pass', async () => {
    const { inventory } = room.cluster.observed;
    const id = await approvedFor([['c'], ['a']]);
    await work('cordon', 'drain');
    const budgets = [budgetOf('web', { app: 'web' }, 0)];
    room.cluster.observed = { ...room.cluster.observed, inventory: { ...inventory, budgets } };
    await work('delete-node');
    await until(async () =>
      /^Waits: .*allows no disruption/.test((await room.decisions.get(id)).steps[4]?.detail ?? ''),
    );
    room.nowMs += 60 * 60_000;
    await room.decisions.start();
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
    await work('cordon', 'drain');
    await removeBy('d');
    await work('delete-node');
    const ended = await room.inState(id, 'succeeded');
    expect(ended.steps.at(-1)).toMatchObject({ startedAt: null, detail: 'Node d was gone already.' });
  });
});
