import { afterEach, describe, expect, it } from 'vitest';
import type { Plan, SavingsEntry } from '../../common/contracts/index.ts';
import { type PlanWorld, type PlanWorldOptions, startPlanWorld } from '../support/plan-world.ts';

let world: PlanWorld;
afterEach(() => world.close());

const GROUP = 'eks-general-c8c7a3f2';

/** A world, and the plan of a run for an on-demand node that moves most pods. */
async function proposed(options: PlanWorldOptions): Promise<Plan> {
  world = await startPlanWorld(options);
  const plans = await world.until(async () => {
    const found = (await world.findPlans()).filter(({ remove }) => remove[0]?.capacityType === 'on-demand');
    return found.length > 0 ? found : undefined;
  }, 'A plan');
  const [plan] = plans.toSorted((a, b) => b.pods.length - a.pods.length);
  if (!plan) throw new Error('there is no plan');
  return plan;
}

const approve = ({ id }: Plan) => world.call('POST', `/api/v1/optimization/plans/${id}/approve`, {});
const endOf = ({ id }: Plan): Promise<Plan> =>
  world.until(
    async () => {
      const plan = await world.plan(id);
      return ['approved', 'running', 'stopping'].includes(plan.state) ? undefined : plan;
    },
    'The end of the plan',
    240_000,
  );
const kinds = ({ steps }: Plan) => steps.map(({ kind }) => kind).join(' ');
const instanceOf = ({ steps }: Plan) =>
  steps.find(({ kind }) => kind === 'end-instance')?.instanceId ?? 'none';
const stateOf = (id: string) => world.cluster.ec2.list().find(({ instanceId }) => instanceId === id)?.state;
const running = () => world.cluster.ec2.list().filter(({ state }) => state === 'running').length;
const group = () => world.cluster.groups.list().find(({ name }) => name === GROUP);

/** Counts how often an instance is told to end. */
function countEnds(): string[] {
  const ends: string[] = [];
  const { ec2, groups } = world.cluster;
  const [alone, inGroup] = [ec2.terminate, groups.end];
  ec2.terminate = id => {
    // A group ends its own instances here, too; what counts is who asked for it.
    if (!groups.list().some(({ members }) => members.some(one => one.instanceId === id))) ends.push(id);
    alone(id);
  };
  groups.end = (id, isDecremented) => {
    ends.push(`${id} ${isDecremented ? 'with its place' : 'alone'}`);
    inGroup(id, isDecremented);
  };
  return ends;
}

/** Kills the engine at its next request of this action since the drain began, and starts another one. */
function restartAt(action: string): Promise<void> {
  const hasBegun = () => world.effects.evictions.length > 0;
  return world.atRequest(action, hasBegun, async () => {
    await world.killEngine();
    // Killed again while it starts: the next one starts then.
    await world.startEngine().catch(() => undefined);
  });
}

describe('the instance of a node that nobody owns', () => {
  it('is ended once, after the drain, although the engine is killed between drain and end, and before it hears that AWS took the order', async () => {
    const plan = await proposed({ generalOwner: 'nobody', endsInstances: true });
    const ends = countEnds();
    const instanceId = instanceOf(plan);
    expect(plan.remove).toMatchObject([{ endedBy: 'engine' }]);
    expect(kinds(plan)).toBe('check cordon drain end-instance delete-node');
    // After the drain it asks how the instance stands, then gives the order, and hears of neither.
    const kills = [restartAt('DescribeInstances'), restartAt('TerminateInstances')];
    await approve(plan);
    await Promise.all(kills);
    const ended = await endOf(plan);
    expect(ended).toMatchObject({ state: 'succeeded' });
    expect(ends).toEqual([instanceId]);
    expect(stateOf(instanceId)).toBe('terminated');
    expect(world.cluster.store.list('nodes').map(({ metadata }) => metadata.name)).not.toContain(
      plan.remove[0]?.name,
    );
  });

  it('is kept with a plain word before the approval where CloudOptim may not end it, and nothing is booked as saved', async () => {
    const plan = await proposed({ generalOwner: 'nobody' });
    const name = plan.remove[0]?.name;
    const before = running();
    expect(plan.remove).toMatchObject([{ endedBy: 'nobody' }]);
    expect(plan.reasons.find(({ code }) => code === 'instance-stays')?.text).toMatch(
      new RegExp(
        `The instance of node ${name} goes on costing .* until somebody ends it, and is not counted`,
      ),
    );
    await approve(plan);
    const ended = await endOf(plan);
    expect(ended.outcome).toContain(`The instance of node ${name} goes on costing until somebody ends it.`);
    expect(running()).toBe(before);
    const entry = await world.until(async () => {
      const { entries } = await world.call<{ entries: SavingsEntry[] }>('GET', '/api/v1/admin/savings');
      const entry = entries.find(one => one.planId === plan.id);
      return entry && entry.startedAt + entry.knownMs > ended.changedAt + 6_000 ? entry : undefined;
    }, 'The time after the plan in the books');
    expect(entry.actualMicroUsdPerHour).toBeGreaterThanOrEqual(entry.counterfactualMicroUsdPerHour);
    expect(entry.realizedMicroUsd).toBeLessThanOrEqual(0);
  });

  it('is told before anything is cordoned when AWS would refuse to end it', async () => {
    const plan = await proposed({ generalOwner: 'nobody', endsInstances: true });
    world.denied.push('TerminateInstances');
    await expect(approve(plan)).rejects.toThrow(
      /plan.instance-kept.*may not do ec2:TerminateInstances in us-east-1/,
    );
    expect(await world.plan(plan.id)).toMatchObject({ state: 'proposed' });
    expect(world.effects.cordons).toEqual([]);
  });

  it('gives its node back when the right went away after the check', async () => {
    const plan = await proposed({ generalOwner: 'nobody', endsInstances: true });
    const name = plan.remove[0]?.name;
    const stop = world.cluster.store.subscribe(({ resource, object }) => {
      const { unschedulable } = object.spec as { unschedulable?: boolean };
      if (resource !== 'nodes' || unschedulable !== true) return;
      world.denied.push('TerminateInstances');
      stop();
    });
    await approve(plan);
    const ended = await endOf(plan);
    expect(ended).toMatchObject({ state: 'failed' });
    expect(ended.outcome).toMatch(/^Step end-instance failed: .*may not do ec2:TerminateInstances/);
    expect(ended.outcome).toContain(`Node ${name} was uncordoned and takes pods again.`);
    expect(stateOf(instanceOf(plan))).toBe('running');
    expect(world.cordoned()).toEqual([]);
    expect(world.effects.deletions).toEqual([]);
  });
});

describe('the instance of a node group', () => {
  it('leaves with its place although the engine is killed before it hears so, and the group does not bring it back; a hook is waited for so long', async () => {
    const policy = { instanceEndMs: 5_000 };
    const plan = await proposed({ generalOwner: 'node-group', endsInstances: true, policy });
    const ends = countEnds();
    const instanceId = instanceOf(plan);
    const desired = group()?.desired ?? 0;
    expect(plan.steps.find(({ kind }) => kind === 'end-instance')?.group).toEqual({
      name: GROUP,
      from: desired,
      to: desired - 1,
    });
    expect(plan.reasons.map(({ code }) => code)).toContain('group-balances-zones');
    world.cluster.groups.hold(GROUP, true);
    const killed = restartAt('TerminateInstanceInAutoScalingGroup');
    await approve(plan);
    await killed;
    await world.until(async () => {
      const step = (await world.plan(plan.id)).steps.find(({ kind }) => kind === 'end-instance');
      return step?.detail?.includes('Terminating:Wait') ? true : undefined;
    }, 'A word on what the end waits for');
    expect(stateOf(instanceId)).toBe('running');
    const ended = await endOf(plan);
    expect(ended).toMatchObject({ state: 'succeeded' });
    expect(ended.outcome).toContain(
      `Instance ${instanceId} is still terminating, and goes on costing until AWS shows it gone.`,
    );
    expect(ended.steps.find(({ kind }) => kind === 'end-instance')).toMatchObject({ lingers: true });
    expect(stateOf(instanceId)).toBe('running');
    world.cluster.groups.hold(GROUP, false);
    await world.until(
      () => (stateOf(instanceId) === 'terminated' ? true : undefined),
      'The end of the instance',
    );
    expect(ends).toEqual([`${instanceId} with its place`]);
    expect(group()).toMatchObject({ desired: desired - 1 });
    await new Promise(resolve => setTimeout(resolve, 5_000));
    expect(group()?.members).toHaveLength(desired - 1);
    const audit = await world.call<{ entries: { action: string; detail: unknown }[] }>(
      'GET',
      '/api/v1/admin/audit',
    );
    expect(
      audit.entries.find(({ detail }) => JSON.stringify(detail).includes('end-instance'))?.detail,
    ).toMatchObject({
      instanceId,
      group: GROUP,
      approvedBy: plan.approval?.by ?? ended.approval?.by,
    });
  });

  it('is refused with the sizes and what to do where the group keeps its minimum, and where it is protected', async () => {
    const plan = await proposed({ generalOwner: 'node-group', endsInstances: true });
    const desired = group()?.desired ?? 0;
    world.cluster.groups.setMin(GROUP, desired);
    await expect(approve(plan)).rejects.toThrow(
      new RegExp(
        `plan.instance-kept.*Auto Scaling group ${GROUP} wants ${desired} instances and keeps at least ${desired}, so one cannot leave: aws eks update-nodegroup-config --cluster-name small-shop --nodegroup-name general --scaling-config minSize=${desired - 1} makes room`,
      ),
    );
    world.cluster.groups.setMin(GROUP, 0);
    world.cluster.groups.protect(instanceOf(plan));
    await expect(approve(plan)).rejects.toThrow(/is protected from scale-in by Auto Scaling group/);
    expect(world.effects.cordons).toEqual([]);
  });

  it('is refused as before where CloudOptim may end none', async () => {
    const plan = await proposed({ generalOwner: 'node-group' });
    expect(kinds(plan)).not.toContain('end-instance');
    await expect(approve(plan)).rejects.toThrow(
      /plan.owned-elsewhere.*belongs to EKS node group general.*desired size has to be lowered/,
    );
    expect(world.effects.cordons).toEqual([]);
  });
});
