import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { InstanceEnds, SeenGroup, SeenInstance } from '../capacity/instance-ends.ts';
import type { EndAnswer } from '../capacity/node-orders.ts';
import { defaultPolicy } from '../policy.ts';
import { nodeAt, podOn, stateOf } from '../small-cluster.fixture.ts';
import { Endings } from './endings.ts';

/** AWS with one instance; what is asked of it is counted. */
class FakeAws implements InstanceEnds {
  instance: SeenInstance | undefined = {
    instanceId: 'i-0a',
    state: 'running',
    zone: 'us-east-1a',
    privateDnsName: 'a.ec2.internal',
    tags: { 'kubernetes.io/cluster/prod': 'owned' },
    place: null,
  };
  group: SeenGroup | undefined;
  answer: EndAnswer = { kind: 'ended' };
  trouble: AppError | undefined;
  readonly ended: string[] = [];

  async see() {
    if (this.trouble) throw this.trouble;
    const { instance, group } = this;
    return {
      instances: new Map(instance ? [[instance.instanceId, instance]] : []),
      groups: new Map(group ? [[group.name, group]] : []),
    };
  }
  async tryOut() {}
  async end(_region: string, id: string) {
    this.ended.push(`${id} alone`);
    return this.answer;
  }
  async endInGroup(_region: string, id: string) {
    this.ended.push(`${id} in its group`);
    return this.answer;
  }
}

const step: PlanStep = {
  index: 3,
  wave: 1,
  kind: 'end-instance',
  node: { name: 'a', uid: 'uid-a' },
  instanceId: 'i-0a',
  taskId: null,
  state: 'running',
  startedAt: 0,
  endedAt: null,
  detail: null,
};

function worldOf(pods = [podOn('b', 'web-1')], cordoned = true) {
  const aws = new FakeAws();
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const observed = stateOf([nodeAt('a'), nodeAt('b')], pods);
  // The instance of the fixture's node a is i-a, which is how AWS calls none.
  const nodes = observed.inventory.nodes.map(node =>
    node.name === 'a'
      ? { ...node, providerId: 'aws:///us-east-1a/i-0a', labels: {}, unschedulable: cordoned }
      : node,
  );
  const endings = new Endings({
    clusters: { state: () => ({ ...observed, inventory: { ...observed.inventory, nodes } }) },
    capacity: {
      providerOf: async () => ({ kind: 'provisioner', orders: null, ends: aws, awsCluster: 'prod' }),
    },
    clock,
  });
  const plan = (state: Plan['state'] = 'running') =>
    ({ id: 'p', clusterId: 'c1', state, steps: [{ ...step, state: 'waiting' }] }) as unknown as Plan;
  /** A look some seconds after the one before. */
  const look = (state?: Plan['state']) => {
    clock.nowMs += 6_000;
    return endings.look(plan(state), step, defaultPolicy);
  };
  return { aws, clock, look, check: () => endings.check(plan()) };
}

describe('the end of an instance', () => {
  it('is ordered once, and done when AWS shows it', async () => {
    const { aws, look } = worldOf();
    expect(await look()).toMatchObject({
      state: 'waits',
      detail: expect.stringContaining('has taken the order'),
    });
    // AWS may not show it everywhere at once.
    expect(await look()).toEqual({ state: 'waits' });
    aws.instance = aws.instance && { ...aws.instance, state: 'shutting-down' };
    expect(await look()).toMatchObject({ state: 'done' });
    expect(aws.ended).toEqual(['i-0a alone']);
  });

  it('is done without an order where the instance is gone', async () => {
    const { aws, look } = worldOf();
    aws.instance = undefined;
    expect(await look()).toMatchObject({ state: 'done', detail: expect.stringContaining('i-0a is gone') });
    expect(aws.ended).toEqual([]);
  });

  it('goes through the group, with the sizes of that moment', async () => {
    const { aws, look } = worldOf();
    const place = { group: 'web', lifecycleState: 'InService', isProtected: false };
    aws.instance = aws.instance && { ...aws.instance, place };
    aws.group = { name: 'web', desired: 7, min: 0, isBalancing: false };
    expect(await look()).toMatchObject({ change: { group: { name: 'web', from: 7, to: 6 } } });
    expect(aws.ended).toEqual(['i-0a in its group']);
  });

  it('is not ordered any more once the plan is to stop', async () => {
    const { aws, look } = worldOf();
    expect(await look('stopping')).toMatchObject({ state: 'skipped' });
    expect(aws.ended).toEqual([]);
  });

  it('is waited for although the plan is to stop, once it was ordered', async () => {
    const { look } = worldOf();
    await look();
    expect(await look('stopping')).toEqual({ state: 'waits' });
  });

  it('is waited for so long; then the plan goes on, and the instance counts as costing', async () => {
    const { aws, clock, look } = worldOf();
    const place = { group: 'web', lifecycleState: 'InService', isProtected: false };
    aws.group = { name: 'web', desired: 7, min: 0, isBalancing: false };
    aws.instance = aws.instance && { ...aws.instance, place };
    await look();
    aws.instance = aws.instance && {
      ...aws.instance,
      place: { ...place, lifecycleState: 'Terminating:Wait' },
    };
    clock.nowMs = defaultPolicy.instanceEndMs - 7_000;
    expect(await look()).toEqual({
      state: 'waits',
      detail: 'Waits: Auto Scaling group web ends it (Terminating:Wait).',
    });
    expect(await look('stopping')).toEqual({
      state: 'done',
      detail:
        'After 30 min instance i-0a is still terminating (Terminating:Wait in Auto Scaling group web); it goes on costing until AWS shows it gone.',
      change: { lingers: true },
    });
    expect(aws.ended).toEqual(['i-0a in its group']);
  });

  it('is not ordered while the node is schedulable, as when the agent gave it back', async () => {
    const { aws, clock, look } = worldOf(undefined, false);
    expect(await look()).toMatchObject({ state: 'waits', detail: expect.stringContaining('is schedulable') });
    clock.nowMs += defaultPolicy.nodeReadyMs;
    expect((await look()).state).toBe('failed');
    expect(aws.ended).toEqual([]);
  });

  it('is not ordered while a pod runs on the node that was drained', async () => {
    const { aws, clock, look } = worldOf([podOn('a', 'web-1')]);
    expect(await look()).toMatchObject({
      state: 'waits',
      detail: expect.stringContaining('pods run on node a'),
    });
    clock.nowMs += defaultPolicy.nodeReadyMs;
    expect(await look()).toMatchObject({ state: 'failed' });
    expect(aws.ended).toEqual([]);
  });

  it('waits for trouble that passes, and fails at once where AWS refuses', async () => {
    const { aws, look } = worldOf();
    aws.trouble = new AppError('market.unreachable', 'EC2 cannot be reached.');
    expect(await look()).toMatchObject({ state: 'waits' });
    aws.trouble = new AppError('market.credentials-refused', 'Not allowed.');
    expect(await look()).toEqual({ state: 'failed', detail: 'Not allowed.' });
    aws.trouble = undefined;
    aws.answer = { kind: 'refused', reason: 'Not this one.' };
    expect(await look()).toEqual({ state: 'failed', detail: 'Not this one.' });
  });
});

describe('whether a plan could end its instances', () => {
  it('holds, waits while AWS cannot be reached, and does not hold where the instance is another one', async () => {
    const { aws, check } = worldOf();
    expect(await check()).toEqual({ verdict: 'holds' });
    aws.trouble = new AppError('market.unreachable', 'EC2 cannot be reached.');
    expect(await check()).toMatchObject({ verdict: 'wait' });
    aws.trouble = undefined;
    aws.instance = aws.instance && { ...aws.instance, tags: {} };
    expect(await check()).toMatchObject({ verdict: 'stale', text: expect.stringMatching(/nothing proves/) });
  });
});
