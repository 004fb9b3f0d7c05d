import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionRun, plan as planSchema } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';
import { ann, DecisionRoom, until } from './decision-room.fixture.ts';
import { budgetOf } from './small-cluster.fixture.ts';

let room: DecisionRoom;
beforeEach(async () => {
  room = await DecisionRoom.open();
});
afterEach(() => room.close());

describe('a run', () => {
  it('stores plans and run as the contract has them, and says every change to listeners', async () => {
    const heard: unknown[] = [];
    room.decisions.onPlanChanged(plan => heard.push(plan.remove[0]?.name));
    const run = await room.decisions.trigger('c1', ann);
    expect(decisionRun.parse(run)).toMatchObject({ state: 'finished', nodesConsidered: 5, proposals: 4 });
    const plans = await room.decisions.plans();
    for (const plan of plans) planSchema.parse(plan);
    expect(heard).toHaveLength(4);
    expect(await room.decisions.runs()).toEqual([run]);
  });

  it('makes older proposals of the cluster stale and says so', async () => {
    const first = await room.proposed();
    room.nowMs += 1;
    const second = await room.proposed();
    expect(second.id).not.toBe(first.id);
    expect(await room.decisions.get(first.id)).toMatchObject({
      state: 'stale',
      outcome: expect.stringMatching(/newer run/),
    });
  });

  it('keeps the nodes that it saw, of the last twenty runs', async () => {
    const first = await room.decisions.trigger('c1', ann);
    const seen = await room.decisions.runNodes(first.id);
    expect(seen).toMatchObject({ clusterId: 'c1', asOf: room.cluster.observed.asOf });
    expect(seen.nodes.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (let run = 0; run < 20; run++) {
      room.cluster.observed = { ...room.cluster.observed, asOf: room.cluster.observed.asOf + 1 };
      await room.decisions.trigger('c1', ann);
    }
    await expect(room.decisions.runNodes(first.id)).rejects.toMatchObject({ code: 'resource.not-found' });
  });

  it('moves nothing to a pool that AWS took nodes from, until that was long enough ago', async () => {
    const target = async () => (await room.proposed()).add[0]?.instanceType;
    expect(await target()).toBe('m5.large');
    const taken = (minutesAgo: number) =>
      ({ kind: 'interruption', atMs: room.nowMs - minutesAgo * MS_PER_MINUTE }) as const;
    room.notices = new Map([['us-east-1/us-east-1a/m5.large/Linux/UNIX' as never, [taken(9), taken(3)]]]);
    room.nowMs += 1;
    expect(await target()).toBe('m6i.xlarge');
    room.nowMs += MS_PER_DAY;
    expect(await target()).toBe('m5.large');
  });

  it('stores nothing when it only decides', async () => {
    const { run, plans } = await room.decisions.preview('c1', 'spot');
    expect(run.proposals).toBe(plans.length);
    expect(await room.decisions.plans()).toEqual([]);
    expect(await room.decisions.runs()).toEqual([]);
  });

  it('is refused for an unknown cluster and for one whose agent is away', async () => {
    await expect(room.decisions.trigger('c9', ann)).rejects.toMatchObject({ code: 'resource.not-found' });
    room.cluster.observed = {
      ...room.cluster.observed,
      cluster: { ...room.cluster.observed.cluster, state: 'away' },
    };
    await expect(room.decisions.trigger('c1', ann)).rejects.toMatchObject({ code: 'cluster.away' });
  });
});

describe('an approved plan', () => {
  it('cordons, drains and deletes the node, with words on the way', async () => {
    const { id } = await room.proposed();
    expect(await room.decisions.approve(id, ann)).toMatchObject({
      state: 'approved',
      approval: { by: 'Ann' },
    });
    await room.waitingTask('cordon');
    room.cluster.work();
    await room.waitingTask('drain');
    room.cluster.work('running', '1 of 1 pods evicted');
    await until(async () => (await room.decisions.get(id)).steps[2]?.detail === '1 of 1 pods evicted');
    room.cluster.work();
    await room.waitingTask('delete-node');
    room.cluster.work();
    const ended = await room.inState(id, 'succeeded');
    expect(ended.steps.map(step => step.state)).toEqual(['done', 'done', 'done', 'done']);
    expect(room.kinds()).toEqual(['cordon', 'drain', 'delete-node']);
    expect(room.cluster.observed.nodes.map(node => node.name)).not.toContain('a');
    const actions = (await room.audit.list(100))
      .filter(entry => entry.subject === id)
      .map(entry => entry.action)
      .toReversed();
    expect(actions).toEqual([
      'plan.proposed',
      'plan.approved',
      'plan.started',
      'plan.step-started',
      'plan.step-done',
      'plan.step-started',
      'plan.step-done',
      'plan.step-started',
      'plan.step-done',
      'plan.step-started',
      'plan.step-done',
      'plan.succeeded',
    ]);
    expect(await room.audit.isIntact()).toBe(true);
  });

  it('waits for its turn: one plan at a time for each cluster', async () => {
    const first = await room.proposed('a');
    const second = (await room.decisions.plans()).find(plan => plan.remove[0]?.name === 'b');
    await room.decisions.approve(first.id, ann);
    await room.waitingTask('cordon');
    await room.decisions.approve(second?.id ?? '', ann);
    for (const kind of ['cordon', 'drain', 'delete-node']) {
      await room.waitingTask(kind);
      expect((await room.decisions.get(second?.id ?? '')).state).toBe('approved');
      room.cluster.work();
    }
    await room.inState(first.id, 'succeeded');
    await room.waitingTask('cordon');
    expect((await room.decisions.get(second?.id ?? '')).state).toBe('running');
  });

  it('is undone when a step fails: uncordoned, failed, with the words of the agent', async () => {
    const { id } = await room.proposed();
    await room.decisions.approve(id, ann);
    await room.waitingTask('cordon');
    room.cluster.work();
    await room.waitingTask('drain');
    room.cluster.work('failed', 'budget shop/web did not allow it in time');
    await room.waitingTask('uncordon');
    room.cluster.work();
    const failed = await room.inState(id, 'failed');
    expect(failed.outcome).toMatch(/drain failed: budget shop\/web did not allow it in time.*uncordoned/);
    expect(room.cluster.observed.nodes.every(node => !node.cordoned)).toBe(true);
  });

  it('says that the node may still be cordoned when even that cannot be undone', async () => {
    const { id } = await room.proposed();
    await room.decisions.approve(id, ann);
    await room.waitingTask('cordon');
    room.cluster.work('failed', 'forbidden');
    await room.waitingTask('uncordon');
    room.cluster.work('failed', 'forbidden');
    expect((await room.inState(id, 'failed')).outcome).toMatch(/kubectl uncordon a/);
  });

  it('stops at a safe place and gives the node back', async () => {
    const { id } = await room.proposed();
    await room.decisions.approve(id, ann);
    await room.waitingTask('cordon');
    room.cluster.work();
    await room.waitingTask('drain');
    expect(await room.decisions.stopPlan(id, ann)).toMatchObject({ state: 'stopping' });
    expect(room.cluster.waiting?.isCancelled).toBe(true);
    room.cluster.work();
    await room.waitingTask('uncordon');
    room.cluster.work();
    expect((await room.inState(id, 'stopped')).outcome).toMatch(/Stopped after cordon.*uncordoned/);
    expect(room.kinds()).not.toContain('delete-node');
  });

  it('is not taken back from a delete that the agent already has', async () => {
    const { id } = await room.proposed();
    await room.decisions.approve(id, ann);
    for (const kind of ['cordon', 'drain']) {
      await room.waitingTask(kind);
      room.cluster.work();
    }
    await room.waitingTask('delete-node');
    await room.decisions.stopPlan(id, ann);
    expect(room.cluster.waiting?.isCancelled).toBe(false);
    room.cluster.work();
    expect((await room.inState(id, 'succeeded')).outcome).toMatch(/too late/);
  });

  it('goes on after a restart of the engine, also with a result that nobody heard', async () => {
    const { id } = await room.proposed();
    await room.decisions.approve(id, ann);
    await room.waitingTask('cordon');
    await until(async () => (await room.decisions.get(id)).steps[1]?.taskId != null);
    await room.decisions.stop();
    room.cluster.work('done', 'done', true);
    room.decisions = await room.another();
    await room.decisions.start();
    await room.waitingTask('drain');
    expect(room.kinds()).toEqual(['cordon', 'drain']);
  });
});

describe('an approval', () => {
  it('is refused with the difference when the cluster changed, and the plan is stale', async () => {
    const { id } = await room.proposed();
    room.cluster.changeNodes(nodes =>
      nodes.map(node => (node.name === 'a' ? { ...node, uid: 'uid-new' } : node)),
    );
    await expect(room.decisions.approve(id, ann)).rejects.toMatchObject({
      code: 'plan.stale',
      message: 'Node a is no longer in the cluster.',
    });
    expect(await room.decisions.get(id)).toMatchObject({
      state: 'stale',
      outcome: 'Node a is no longer in the cluster.',
    });
    await expect(room.decisions.approve(id, ann)).rejects.toMatchObject({ code: 'plan.wrong-state' });
  });

  it('is refused when a budget now forbids the drain', async () => {
    const { id } = await room.proposed();
    const { inventory } = room.cluster.observed;
    room.cluster.observed = {
      ...room.cluster.observed,
      inventory: { ...inventory, budgets: [budgetOf('web', { app: 'web' }, 0)] },
    };
    await expect(room.decisions.approve(id, ann)).rejects.toMatchObject({
      code: 'plan.stale',
      message: expect.stringMatching(/shop\/web allows no disruption/),
    });
  });

  it('is refused while the agent is away, and the plan stays', async () => {
    const { id } = await room.proposed();
    room.cluster.observed = {
      ...room.cluster.observed,
      cluster: { ...room.cluster.observed.cluster, state: 'away' },
    };
    await expect(room.decisions.approve(id, ann)).rejects.toMatchObject({ code: 'cluster.away' });
    expect((await room.decisions.get(id)).state).toBe('proposed');
  });

  it('counts once when two people say it at the same time', async () => {
    const { id } = await room.proposed();
    const answers = await Promise.allSettled([
      room.decisions.approve(id, ann),
      room.decisions.approve(id, ann),
      room.decisions.reject(id, ann),
    ]);
    expect(answers.filter(answer => answer.status === 'fulfilled')).toHaveLength(1);
  });

  it('is refused after three failures in a row, until an operator runs the engine again', async () => {
    await room.decisions.trigger('c1', ann);
    for (const name of ['a', 'b', 'c']) {
      const plan = (await room.decisions.plans()).find(
        one => one.remove[0]?.name === name && one.state === 'proposed',
      );
      await room.decisions.approve(plan?.id ?? '', ann);
      await room.waitingTask('cordon');
      room.cluster.work('failed', 'no');
      await room.waitingTask('uncordon');
      room.cluster.work();
      const failed = await room.inState(plan?.id ?? '', 'failed');
      if (name === 'c') expect(failed.outcome).toMatch(/3 plans in a row failed/);
    }
    const next = (await room.decisions.plans()).find(one => one.state === 'proposed');
    await expect(room.decisions.approve(next?.id ?? '', ann)).rejects.toMatchObject({
      code: 'resource.conflict',
    });
    const again = await room.proposed('a');
    expect((await room.decisions.approve(again.id, ann)).state).toBe('approved');
  });
});

describe('nodes that belong to somebody', () => {
  const label = (labels: Record<string, string>, only?: string) => {
    const { inventory } = room.cluster.observed;
    const isMeant = (name: string) => only === undefined || name === only;
    const nodes = inventory.nodes.map(node => (isMeant(node.name) ? { ...node, labels } : node));
    room.cluster.observed = { ...room.cluster.observed, inventory: { ...inventory, nodes } };
  };
  const giveToGroup = () => label({ 'eks.amazonaws.com/nodegroup': 'general' });

  it('or to nobody: no policy approves a plan whose instance would go on costing, a person may', async () => {
    label({ 'topology.kubernetes.io/region': 'us-east-1' }, 'c');
    const plan = await room.proposed('c');
    expect(plan.remove).toMatchObject([{ endedBy: 'nobody' }]);
    expect(plan.reasons.at(-1)).toMatchObject({
      code: 'instance-stays',
      text: expect.stringMatching(/^The instance of node c goes on costing \$.* may end no instances/),
    });
    const policy = { id: 'policy:default@1', label: 'policy', policy: { scope: 'default', revision: 1 } };
    await expect(room.decisions.approve(plan.id, policy)).rejects.toMatchObject({
      code: 'plan.instance-kept',
      message: expect.stringContaining('node c'),
    });
    expect(await room.decisions.approve(plan.id, ann)).toMatchObject({ state: 'approved' });
  });

  it('are not acted on without a handshake: the approval is refused, and the plan stays to be read', async () => {
    giveToGroup();
    const plan = await room.proposed('c');
    await expect(room.decisions.approve(plan.id, ann)).rejects.toMatchObject({
      code: 'plan.owned-elsewhere',
      message: expect.stringMatching(/Node c belongs to EKS node group general/),
    });
    expect((await room.decisions.get(plan.id)).state).toBe('proposed');
    expect(room.kinds()).toEqual([]);
  });

  it('are not acted on when they came to belong to a group after the approval', async () => {
    const first = await room.proposed('a');
    const second = await room.planFor('b', ['proposed']);
    await room.decisions.approve(first.id, ann);
    await room.decisions.approve(second.id, ann);
    await room.waitingTask('cordon');
    giveToGroup();
    for (let tries = 0; tries < 3 && room.cluster.waiting; tries++) {
      room.cluster.work();
      await until(
        async () => room.cluster.waiting || (await room.decisions.get(first.id)).state === 'succeeded',
      );
    }
    expect(await room.inState(second.id, 'stale')).toMatchObject({
      outcome: expect.stringMatching(/Node b belongs to EKS node group general/),
    });
    expect(room.cluster.tasks.every(({ action }) => !('node' in action) || action.node.name === 'a')).toBe(
      true,
    );
  });
});
