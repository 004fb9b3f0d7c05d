import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyRevision } from '../../../common/contracts/index.ts';
import { ann, DecisionRoom, until } from '../decision-room.fixture.ts';
import { podOn } from '../small-cluster.fixture.ts';

const HOUR = 3_600_000;
const bob = { id: 'u2', label: 'Bob' };

let room: DecisionRoom;
beforeEach(async () => {
  room = await DecisionRoom.open(Date.parse('2026-11-26T12:00:00Z'));
});
afterEach(() => room.close());

const save = (document: unknown, baseRevision = 0, scope = 'c1', actor = ann) =>
  room.decisions.policies.save(scope, { document }, baseRevision, actor);

const told = (id: string, words: RegExp) =>
  until(async () => words.test((await room.decisions.get(id)).steps[0]?.detail ?? ''));
const planFor = (nodeName: string) => room.planFor(nodeName, ['proposed', 'approved']);
async function carryOut(...kinds: string[]): Promise<void> {
  for (const kind of kinds) {
    await room.waitingTask(kind);
    room.cluster.work();
  }
}

describe('saving a policy', () => {
  it('counts revisions, keeps all, and writes the audit entry with before and after', async () => {
    expect(await room.decisions.policies.get('default')).toMatchObject({
      revision: 0,
      document: { mode: 'recommend' },
    });
    const first = policyRevision.parse(await save({ mode: 'approve' }));
    room.nowMs += 1;
    await save({ mode: 'automatic' }, 1, 'c1', bob);
    expect(first).toMatchObject({ scope: 'c1', revision: 1, savedBy: 'Ann', document: { mode: 'approve' } });
    expect((await room.decisions.policies.revisions('c1', 10)).map(({ revision }) => revision)).toEqual([
      2, 1,
    ]);
    expect(await room.decisions.policies.inForce('c1')).toMatchObject({
      label: 'policy 2 of shop',
      document: { mode: 'automatic' },
    });
    const [last] = await room.audit.list(1);
    expect(last).toMatchObject({
      actor: 'Bob (u2)',
      action: 'policy.saved',
      subject: 'c1@2',
      detail: { before: { mode: 'approve' }, after: { mode: 'automatic' } },
    });
  });

  it('of two that edited the same revision one is refused and gets both versions', async () => {
    const answers = await Promise.allSettled([
      save({ mode: 'approve' }),
      save({ runEveryMs: 60_000 }, 0, 'c1', bob),
    ]);
    const lost = answers.filter(answer => answer.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.reason).toMatchObject({
      code: 'resource.conflict',
      details: {
        saved: { revision: 1, document: { mode: 'approve' } },
        yours: { baseRevision: 0, document: { runEveryMs: 60_000 } },
      },
    });
    expect(await room.decisions.policies.revisions('c1', 10)).toHaveLength(1);
  });

  it('is refused with every problem, and for unknown clusters; nothing changes', async () => {
    await expect(save({ mode: 'x', runEveryMs: -1 })).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(/^mode is "x".*And 1 more/),
      details: { problems: [{ field: 'mode' }, { field: 'runEveryMs' }] },
    });
    await expect(save({}, 0, 'c9')).rejects.toMatchObject({ code: 'resource.not-found' });
    expect(await room.decisions.policies.revisions('c1', 10)).toEqual([]);
  });

  it('takes back an older revision, and lets a cluster follow the default again', async () => {
    await save({ mode: 'automatic' }, 0, 'default');
    await save({ mode: 'approve' });
    await save({ mode: 'recommend' }, 1);
    expect(await room.decisions.policies.revert('c1', 1, 2, ann)).toMatchObject({
      revision: 3,
      revertedFrom: 1,
      document: { mode: 'approve' },
    });
    await room.decisions.policies.followDefault('c1', 3, ann);
    expect(await room.decisions.policies.inForce('c1')).toMatchObject({
      scope: 'default',
      label: 'policy 1 for all clusters',
      document: { mode: 'automatic' },
    });
  });

  it('reads what it exports', async () => {
    await save({ mode: 'approve', budgets: [{ name: 'b', per: 'zone', count: 1 }] });
    for (const format of ['yaml', 'json'] as const) {
      const { text, fileName } = await room.decisions.policies.exported('c1', format);
      expect(fileName).toBe(`policy-shop.${format}`);
      const again = await room.decisions.policies.save('c1', { text }, 1, bob);
      expect(again.revision).toBe(1);
    }
  });
});

describe('an approved plan', () => {
  it('waits outside the windows, says until when, and starts when they open', async () => {
    await save({
      windows: { allow: [{ name: 'nights', zone: 'Europe/Berlin', from: '22:00', to: '05:00' }] },
    });
    const { id } = await room.proposed();
    await room.decisions.approve(id, ann);
    await told(
      id,
      /Waits: Outside the maintenance windows "nights"; opens Thu 2026-11-26 22:00 Europe\/Berlin, in 9 h/,
    );
    expect(room.cluster.tasks).toEqual([]);
    room.nowMs = Date.parse('2026-11-26T21:00:00Z');
    await room.decisions.trigger('c1', ann);
    await room.waitingTask('cordon');
    expect((await room.decisions.get(id)).state).toBe('running');
  });

  it('waits while frozen, by its own policy or that for all clusters', async () => {
    await save({});
    await save({ freeze: { until: '2026-11-30T08:00:00Z', reason: 'Black Friday' } }, 0, 'default');
    const { id } = await room.proposed();
    await room.decisions.approve(id, ann);
    await told(id, /Waits: Frozen until Mon 2026-11-30 08:00 UTC: Black Friday\./);
    expect(room.cluster.tasks).toEqual([]);
  });

  it('waits for a budget, and another one goes first where it may', async () => {
    await save({ budgets: [{ name: 'web', per: 'workload', only: ['Deployment/shop/web'], count: 0 }] });
    const { id } = await room.proposed('a');
    await room.decisions.approve(id, ann);
    await told(id, /Waits: Budget "web" allows 0 pods of workload Deployment\/shop\/web/);
    const other = await planFor('c');
    await room.decisions.approve(other.id, ann);
    await room.waitingTask('cordon');
    expect((await room.decisions.get(other.id)).state).toBe('running');
    expect((await room.decisions.get(id)).state).toBe('approved');
  });
});

describe('the kill switch', () => {
  it('ends what runs after the safe step, gives the node back, stops what waits, and refuses approvals', async () => {
    const first = await room.proposed('a');
    const second = await planFor('b');
    await room.decisions.approve(first.id, ann);
    await carryOut('cordon');
    await room.waitingTask('drain');
    await room.decisions.approve(second.id, ann);
    await room.decisions.policies.setKillSwitch('default', true, 'odd latencies', bob);
    await room.inState(second.id, 'stopped');
    await until(async () => room.cluster.waiting?.isCancelled);
    room.cluster.work();
    await carryOut('uncordon');
    expect((await room.inState(first.id, 'stopped')).outcome).toMatch(/uncordoned/);
    expect(room.cluster.observed.nodes.every(node => !node.cordoned)).toBe(true);
    const again = await room.proposed('c');
    await expect(room.decisions.approve(again.id, ann)).rejects.toMatchObject({
      code: 'resource.conflict',
      message: expect.stringMatching(/kill switch for all clusters is on \(Bob: odd latencies\)/),
    });
    await room.decisions.policies.setKillSwitch('default', false, 'over', bob);
    expect((await room.decisions.approve(again.id, ann)).state).toBe('approved');
    const actions = (await room.audit.list(100)).map(({ action, subject }) => `${action} ${subject}`);
    expect(actions).toContain('policy.kill-switch-on default');
    expect(actions).toContain(`plan.stop-ordered ${first.id}`);
  });

  it('counts when it was thrown elsewhere while the engine was down', async () => {
    const { id } = await room.proposed('a');
    await room.decisions.approve(id, ann);
    await carryOut('cordon');
    await room.waitingTask('drain');
    await until(async () => (await room.decisions.get(id)).steps[1]?.taskId != null);
    await room.decisions.stop();
    const other = await room.another();
    await other.policies.setKillSwitch('c1', true, 'night', bob);
    await other.stop();
    room.decisions = await room.another();
    await room.decisions.start();
    await until(async () => room.cluster.waiting?.isCancelled);
    room.cluster.work();
    await carryOut('uncordon');
    await room.inState(id, 'stopped');
  });

  it('of another cluster changes nothing here', async () => {
    const { id } = await room.proposed('a');
    room.cluster.observed = { ...room.cluster.observed };
    await expect(room.decisions.policies.setKillSwitch('c9', true, 'x', bob)).rejects.toMatchObject({
      code: 'resource.not-found',
    });
    await room.decisions.approve(id, ann);
    await room.waitingTask('cordon');
  });
});

describe('the mode automatic', () => {
  it('approves what the policy allows in the name of its revision, and audits it so', async () => {
    await save({ mode: 'automatic', automatic: { kinds: ['replace-node'], maximumPods: 0 + 1 } });
    await room.decisions.trigger('c1', ann);
    const plan = await until(async () =>
      (await room.decisions.plans()).find(({ state }) => state === 'running'),
    );
    expect(plan.approval).toEqual({
      by: 'policy 1 of shop',
      at: room.nowMs,
      policy: { scope: 'c1', revision: 1 },
    });
    const approval = (await room.audit.list(100)).find(
      ({ action, subject }) => action === 'plan.approved' && subject === plan.id,
    );
    expect(approval?.actor).toBe('policy 1 of shop (policy:c1@1)');
  });

  it('leaves what is too large, and of another kind, to a person', async () => {
    await save({ mode: 'automatic', automatic: { kinds: ['repack'], maximumPods: 30 } });
    await room.decisions.trigger('c1', ann);
    expect((await room.decisions.plans()).every(({ state }) => state === 'proposed')).toBe(true);
  });

  it('does not start what a newer policy would not approve any more', async () => {
    const closed = [{ name: 'later', zone: 'UTC', from: '20:00', to: '21:00' }];
    await save({ mode: 'automatic', windows: { allow: closed } });
    await room.decisions.trigger('c1', ann);
    const plan = await until(async () =>
      (await room.decisions.plans()).find(({ state }) => state === 'approved'),
    );
    await save({ mode: 'approve' }, 1);
    expect((await room.inState(plan.id, 'stale')).outcome).toMatch(
      /policy 2 of shop would not approve it any more: the mode is approve/,
    );
    expect(room.cluster.tasks).toEqual([]);
  });
});

describe('a run', () => {
  it('holds back moves of pods that were moved, and tells when they are allowed', async () => {
    const { id } = await room.proposed('a');
    await room.decisions.approve(id, ann);
    await carryOut('cordon', 'drain', 'delete-node');
    await room.inState(id, 'succeeded');
    const { inventory } = room.cluster.observed;
    const movedAt = room.nowMs;
    room.nowMs += HOUR;
    room.cluster.observed = {
      ...room.cluster.observed,
      inventory: { ...inventory, pods: [...inventory.pods, podOn('b', 'web-3', { createdAt: movedAt })] },
    };
    const run = await room.decisions.trigger('c1', ann);
    const reason = run.blocked.find(({ node }) => node === 'b')?.reasons[0];
    expect(reason).toMatchObject({
      code: 'moved-recently',
      text: 'Pod shop/web-3 was moved 1 h ago; the policy leaves a pod alone for 6 h.',
      allowedAt: movedAt + 6 * HOUR,
    });
    expect(
      (await room.decisions.plans()).some(
        ({ remove, state }) => remove[0]?.name === 'b' && state === 'proposed',
      ),
    ).toBe(false);
    room.nowMs += 5 * HOUR;
    await room.proposed('b');
  });

  it('takes the thresholds of the pool of a node', async () => {
    await save({
      pools: [
        { name: 'dear', match: { instanceTypes: ['m5.*'] }, minimumSavingMicroUsdPerMonth: 1_000_000_000 },
      ],
    });
    const run = await room.decisions.trigger('c1', ann);
    expect(run.proposals).toBe(0);
    expect(run.blocked[0]?.reasons[0]?.code).toBe('saving-too-small');
  });
});

describe('a preview', () => {
  it('says what a changed policy would do to the present plans, and saves nothing', async () => {
    const { id } = await room.proposed('a');
    const of = async (document: unknown) => {
      const { plans, ...rest } = await room.decisions.previewPolicy('c1', { document });
      return { ...rest, plan: plans.find(({ planId }) => planId === id) };
    };
    expect((await of({ mode: 'automatic' })).plan).toMatchObject({
      now: { verdict: 'needs-approval' },
      changed: { verdict: 'starts' },
    });
    expect((await of({ decisions: { minimumSavingShare: 0.99 } })).plan?.changed.verdict).toBe('refused');
    const windows = { allow: [{ name: 'n', zone: 'UTC', from: '20:00', to: '21:00' }] };
    const closed = await of({ mode: 'automatic', windows });
    expect(closed.plan?.changed.verdict).toBe('waits');
    expect(closed.openings).toHaveLength(10);
    expect(closed.isOpen).toBe(false);
    expect((await of({ mode: 'x' })).problems).toHaveLength(1);
    expect((await room.decisions.policies.get('c1')).revision).toBe(0);
  });
});
