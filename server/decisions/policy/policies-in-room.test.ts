import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Plan, policyRevision } from '../../../common/contracts/index.ts';
import {
  AuditLog,
  auditMigrations,
  createLog,
  type Database,
  LiveHub,
  openSqlite,
} from '../../platform/index.ts';
import { createDecisions, type Decisions } from '../create-decisions.ts';
import { decisionMigrations } from '../decision-tables.ts';
import { forecastsOf, marketOf, nodeAt, podOn, SmallCluster, stateOf } from '../small-cluster.fixture.ts';

const HOUR = 3_600_000;
const ann = { id: 'u1', label: 'Ann' };
const bob = { id: 'u2', label: 'Bob' };
const forecasts = forecastsOf({ 'm5.large/us-east-1a': 30_000, 'm6i.xlarge/us-east-1a': 40_000 });

let folder: string;
let database: Database;
let audit: AuditLog;
let cluster: SmallCluster;
let decisions: Decisions;
let nowMs: number;
const clock = { now: () => nowMs };

const open = () =>
  createDecisions({
    database,
    audit,
    clock,
    log: createLog('silent'),
    live: new LiveHub(),
    clusters: cluster,
    plugIns: { folder: join(folder, 'engines'), nodePath: process.execPath },
    ...marketOf(forecasts),
  });

beforeEach(async () => {
  nowMs = Date.parse('2026-11-26T12:00:00Z');
  folder = await mkdtemp(join(tmpdir(), 'policies-'));
  database = await openSqlite(folder, { ...auditMigrations, ...decisionMigrations });
  audit = new AuditLog(database, clock);
  const nodes = ['a', 'b', 'c', 'd', 'e'].map(name => nodeAt(name));
  cluster = new SmallCluster(stateOf(nodes, [podOn('a', 'web-1'), podOn('b', 'web-2')]));
  decisions = await open();
});

afterEach(async () => {
  await decisions.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const save = (document: unknown, baseRevision = 0, scope = 'c1', actor = ann) =>
  decisions.policies.save(scope, { document }, baseRevision, actor);

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const seen = await look();
    if (seen) return seen;
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  throw new Error('it did not happen');
}
const waitingTask = (kind: string) =>
  until(async () => cluster.waiting?.action.kind === kind && cluster.waiting);
const inState = (id: string, state: Plan['state']) =>
  until(async () => {
    const plan = await decisions.get(id);
    return plan.state === state && plan;
  });
const told = (id: string, words: RegExp) =>
  until(async () => words.test((await decisions.get(id)).steps[0]?.detail ?? ''));
async function planFor(nodeName: string): Promise<Plan> {
  const found = (await decisions.plans()).find(
    ({ remove, state }) => remove[0]?.name === nodeName && (state === 'proposed' || state === 'approved'),
  );
  if (!found) throw new Error(`no plan for ${nodeName}`);
  return found;
}
async function proposed(nodeName = 'a'): Promise<Plan> {
  await decisions.trigger('c1', ann);
  return planFor(nodeName);
}
async function carryOut(...kinds: string[]): Promise<void> {
  for (const kind of kinds) {
    await waitingTask(kind);
    cluster.work();
  }
}

describe('saving a policy', () => {
  it('counts revisions, keeps all, and writes the audit entry with before and after', async () => {
    expect(await decisions.policies.get('default')).toMatchObject({
      revision: 0,
      document: { mode: 'recommend' },
    });
    const first = policyRevision.parse(await save({ mode: 'approve' }));
    nowMs += 1;
    await save({ mode: 'automatic' }, 1, 'c1', bob);
    expect(first).toMatchObject({ scope: 'c1', revision: 1, savedBy: 'Ann', document: { mode: 'approve' } });
    expect((await decisions.policies.revisions('c1', 10)).map(({ revision }) => revision)).toEqual([2, 1]);
    expect(await decisions.policies.inForce('c1')).toMatchObject({
      label: 'policy 2 of shop',
      document: { mode: 'automatic' },
    });
    const [last] = await audit.list(1);
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
    expect(await decisions.policies.revisions('c1', 10)).toHaveLength(1);
  });

  it('is refused with every problem, and for unknown clusters; nothing changes', async () => {
    await expect(save({ mode: 'x', runEveryMs: -1 })).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(/^mode is "x".*And 1 more/),
      details: { problems: [{ field: 'mode' }, { field: 'runEveryMs' }] },
    });
    await expect(save({}, 0, 'c9')).rejects.toMatchObject({ code: 'resource.not-found' });
    expect(await decisions.policies.revisions('c1', 10)).toEqual([]);
  });

  it('takes back an older revision, and lets a cluster follow the default again', async () => {
    await save({ mode: 'automatic' }, 0, 'default');
    await save({ mode: 'approve' });
    await save({ mode: 'recommend' }, 1);
    expect(await decisions.policies.revert('c1', 1, 2, ann)).toMatchObject({
      revision: 3,
      revertedFrom: 1,
      document: { mode: 'approve' },
    });
    await decisions.policies.followDefault('c1', 3, ann);
    expect(await decisions.policies.inForce('c1')).toMatchObject({
      scope: 'default',
      label: 'policy 1 for all clusters',
      document: { mode: 'automatic' },
    });
  });

  it('reads what it exports', async () => {
    await save({ mode: 'approve', budgets: [{ name: 'b', per: 'zone', count: 1 }] });
    for (const format of ['yaml', 'json'] as const) {
      const { text, fileName } = await decisions.policies.exported('c1', format);
      expect(fileName).toBe(`policy-shop.${format}`);
      const again = await decisions.policies.save('c1', { text }, 1, bob);
      expect(again.revision).toBe(1);
    }
  });
});

describe('an approved plan', () => {
  it('waits outside the windows, says until when, and starts when they open', async () => {
    await save({
      windows: { allow: [{ name: 'nights', zone: 'Europe/Berlin', from: '22:00', to: '05:00' }] },
    });
    const { id } = await proposed();
    await decisions.approve(id, ann);
    await told(
      id,
      /Waits: Outside the maintenance windows "nights"; opens Thu 2026-11-26 22:00 Europe\/Berlin, in 9 h/,
    );
    expect(cluster.tasks).toEqual([]);
    nowMs = Date.parse('2026-11-26T21:00:00Z');
    await decisions.trigger('c1', ann);
    await waitingTask('cordon');
    expect((await decisions.get(id)).state).toBe('running');
  });

  it('waits while frozen, by its own policy or that for all clusters', async () => {
    await save({});
    await save({ freeze: { until: '2026-11-30T08:00:00Z', reason: 'Black Friday' } }, 0, 'default');
    const { id } = await proposed();
    await decisions.approve(id, ann);
    await told(id, /Waits: Frozen until Mon 2026-11-30 08:00 UTC: Black Friday\./);
    expect(cluster.tasks).toEqual([]);
  });

  it('waits for a budget, and another one goes first where it may', async () => {
    await save({ budgets: [{ name: 'web', per: 'workload', only: ['Deployment/shop/web'], count: 0 }] });
    const { id } = await proposed('a');
    await decisions.approve(id, ann);
    await told(id, /Waits: Budget "web" allows 0 pods of workload Deployment\/shop\/web/);
    const other = await planFor('c');
    await decisions.approve(other.id, ann);
    await waitingTask('cordon');
    expect((await decisions.get(other.id)).state).toBe('running');
    expect((await decisions.get(id)).state).toBe('approved');
  });
});

describe('the kill switch', () => {
  it('ends what runs after the safe step, gives the node back, stops what waits, and refuses approvals', async () => {
    const first = await proposed('a');
    const second = await planFor('b');
    await decisions.approve(first.id, ann);
    await carryOut('cordon');
    await waitingTask('drain');
    await decisions.approve(second.id, ann);
    await decisions.policies.setKillSwitch('default', true, 'odd latencies', bob);
    await inState(second.id, 'stopped');
    await until(async () => cluster.waiting?.isCancelled);
    cluster.work();
    await carryOut('uncordon');
    expect((await inState(first.id, 'stopped')).outcome).toMatch(/uncordoned/);
    expect(cluster.observed.nodes.every(node => !node.cordoned)).toBe(true);
    const again = await proposed('c');
    await expect(decisions.approve(again.id, ann)).rejects.toMatchObject({
      code: 'resource.conflict',
      message: expect.stringMatching(/kill switch for all clusters is on \(Bob: odd latencies\)/),
    });
    await decisions.policies.setKillSwitch('default', false, 'over', bob);
    expect((await decisions.approve(again.id, ann)).state).toBe('approved');
    const actions = (await audit.list(100)).map(({ action, subject }) => `${action} ${subject}`);
    expect(actions).toContain('policy.kill-switch-on default');
    expect(actions).toContain(`plan.stop-ordered ${first.id}`);
  });

  it('counts when it was thrown elsewhere while the engine was down', async () => {
    const { id } = await proposed('a');
    await decisions.approve(id, ann);
    await carryOut('cordon');
    await waitingTask('drain');
    await until(async () => (await decisions.get(id)).steps[1]?.taskId != null);
    await decisions.stop();
    const other = await open();
    await other.policies.setKillSwitch('c1', true, 'night', bob);
    await other.stop();
    decisions = await open();
    await decisions.start();
    await until(async () => cluster.waiting?.isCancelled);
    cluster.work();
    await carryOut('uncordon');
    await inState(id, 'stopped');
  });

  it('of another cluster changes nothing here', async () => {
    const { id } = await proposed('a');
    cluster.observed = { ...cluster.observed };
    await expect(decisions.policies.setKillSwitch('c9', true, 'x', bob)).rejects.toMatchObject({
      code: 'resource.not-found',
    });
    await decisions.approve(id, ann);
    await waitingTask('cordon');
  });
});

describe('the mode automatic', () => {
  it('approves what the policy allows in the name of its revision, and audits it so', async () => {
    await save({ mode: 'automatic', automatic: { kinds: ['replace-node'], maximumPods: 0 + 1 } });
    await decisions.trigger('c1', ann);
    const plan = await until(async () => (await decisions.plans()).find(({ state }) => state === 'running'));
    expect(plan.approval).toEqual({
      by: 'policy 1 of shop',
      at: nowMs,
      policy: { scope: 'c1', revision: 1 },
    });
    const approval = (await audit.list(100)).find(
      ({ action, subject }) => action === 'plan.approved' && subject === plan.id,
    );
    expect(approval?.actor).toBe('policy 1 of shop (policy:c1@1)');
  });

  it('leaves what is too large, and of another kind, to a person', async () => {
    await save({ mode: 'automatic', automatic: { kinds: ['repack'], maximumPods: 30 } });
    await decisions.trigger('c1', ann);
    expect((await decisions.plans()).every(({ state }) => state === 'proposed')).toBe(true);
  });

  it('does not start what a newer policy would not approve any more', async () => {
    const closed = [{ name: 'later', zone: 'UTC', from: '20:00', to: '21:00' }];
    await save({ mode: 'automatic', windows: { allow: closed } });
    await decisions.trigger('c1', ann);
    const plan = await until(async () => (await decisions.plans()).find(({ state }) => state === 'approved'));
    await save({ mode: 'approve' }, 1);
    expect((await inState(plan.id, 'stale')).outcome).toMatch(
      /policy 2 of shop would not approve it any more: the mode is approve/,
    );
    expect(cluster.tasks).toEqual([]);
  });
});

describe('a run', () => {
  it('holds back moves of pods that were moved, and tells when they are allowed', async () => {
    const { id } = await proposed('a');
    await decisions.approve(id, ann);
    await carryOut('cordon', 'drain', 'delete-node');
    await inState(id, 'succeeded');
    const { inventory } = cluster.observed;
    const movedAt = nowMs;
    nowMs += HOUR;
    cluster.observed = {
      ...cluster.observed,
      inventory: { ...inventory, pods: [...inventory.pods, podOn('b', 'web-3', { createdAt: movedAt })] },
    };
    const run = await decisions.trigger('c1', ann);
    const reason = run.blocked.find(({ node }) => node === 'b')?.reasons[0];
    expect(reason).toMatchObject({
      code: 'moved-recently',
      text: 'Pod shop/web-3 was moved 1 h ago; the policy leaves a pod alone for 6 h.',
      allowedAt: movedAt + 6 * HOUR,
    });
    expect(
      (await decisions.plans()).some(({ remove, state }) => remove[0]?.name === 'b' && state === 'proposed'),
    ).toBe(false);
    nowMs += 5 * HOUR;
    await proposed('b');
  });

  it('takes the thresholds of the pool of a node', async () => {
    await save({
      pools: [
        { name: 'dear', match: { instanceTypes: ['m5.*'] }, minimumSavingMicroUsdPerMonth: 1_000_000_000 },
      ],
    });
    const run = await decisions.trigger('c1', ann);
    expect(run.proposals).toBe(0);
    expect(run.blocked[0]?.reasons[0]?.code).toBe('saving-too-small');
  });
});

describe('a preview', () => {
  it('says what a changed policy would do to the present plans, and saves nothing', async () => {
    const { id } = await proposed('a');
    const of = async (document: unknown) => {
      const { plans, ...rest } = await decisions.previewPolicy('c1', { document });
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
    expect((await decisions.policies.get('c1')).revision).toBe(0);
  });
});
