import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../common/contracts/index.ts';
import { decisionRun, plan as planSchema } from '../../common/contracts/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import { AuditLog, auditMigrations, createLog, type Database, LiveHub } from '../platform/index.ts';
import { createDecisions, type Decisions } from './create-decisions.ts';
import { decisionMigrations } from './decision-tables.ts';
import {
  budgetOf,
  forecastsOf,
  marketOf,
  nodeAt,
  podOn,
  SmallCluster,
  stateOf,
} from './small-cluster.fixture.ts';

const ann = { id: 'u1', label: 'Ann' };
const forecasts = forecastsOf({ 'm5.large/us-east-1a': 30_000, 'm6i.xlarge/us-east-1a': 40_000 });

let folder: string;
let database: Database;
let audit: AuditLog;
let cluster: SmallCluster;
let decisions: Decisions;
let nowMs: number;
const clock = { now: () => nowMs };
const log = createLog('silent');

async function engineOver(one: SmallCluster): Promise<Decisions> {
  return createDecisions({
    database,
    audit,
    clock,
    log,
    live: new LiveHub(),
    clusters: one,
    plugIns: { folder: join(folder, 'engines'), nodePath: process.execPath },
    ...marketOf(forecasts),
  });
}

beforeEach(async () => {
  nowMs = 1_000_000;
  folder = await mkdtemp(join(tmpdir(), 'decisions-'));
  database = await openTestDatabase(folder, { ...auditMigrations, ...decisionMigrations });
  audit = new AuditLog(database, clock);
  const nodes = ['a', 'b', 'c', 'd', 'e'].map(name => nodeAt(name));
  cluster = new SmallCluster(stateOf(nodes, [podOn('a', 'web-1'), podOn('b', 'web-2')]));
  decisions = await engineOver(cluster);
});

afterEach(async () => {
  await decisions.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function proposed(nodeName = 'a'): Promise<Plan> {
  await decisions.trigger('c1', ann);
  const found = (await decisions.plans()).find(
    plan => plan.remove[0]?.name === nodeName && plan.state === 'proposed',
  );
  if (!found) throw new Error(`no plan for ${nodeName}`);
  return found;
}

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
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
const kinds = () => cluster.tasks.map(task => task.action.kind);

describe('a run', () => {
  it('stores plans and run as the contract has them, and says every change to listeners', async () => {
    const heard: unknown[] = [];
    decisions.onPlanChanged(plan => heard.push(plan.remove[0]?.name));
    const run = await decisions.trigger('c1', ann);
    expect(decisionRun.parse(run)).toMatchObject({ state: 'finished', nodesConsidered: 5, proposals: 4 });
    const plans = await decisions.plans();
    for (const plan of plans) planSchema.parse(plan);
    expect(heard).toHaveLength(4);
    expect(await decisions.runs()).toEqual([run]);
  });

  it('makes older proposals of the cluster stale and says so', async () => {
    const first = await proposed();
    nowMs += 1;
    const second = await proposed();
    expect(second.id).not.toBe(first.id);
    expect(await decisions.get(first.id)).toMatchObject({
      state: 'stale',
      outcome: expect.stringMatching(/newer run/),
    });
  });

  it('keeps the nodes that it saw, of the last twenty runs', async () => {
    const first = await decisions.trigger('c1', ann);
    const seen = await decisions.runNodes(first.id);
    expect(seen).toMatchObject({ clusterId: 'c1', asOf: cluster.observed.asOf });
    expect(seen.nodes.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (let run = 0; run < 20; run++) {
      cluster.observed = { ...cluster.observed, asOf: cluster.observed.asOf + 1 };
      await decisions.trigger('c1', ann);
    }
    await expect(decisions.runNodes(first.id)).rejects.toMatchObject({ code: 'resource.not-found' });
  });

  it('stores nothing when it only decides', async () => {
    const { run, plans } = await decisions.preview('c1', 'spot');
    expect(run.proposals).toBe(plans.length);
    expect(await decisions.plans()).toEqual([]);
    expect(await decisions.runs()).toEqual([]);
  });

  it('is refused for an unknown cluster and for one whose agent is away', async () => {
    await expect(decisions.trigger('c9', ann)).rejects.toMatchObject({ code: 'resource.not-found' });
    cluster.observed = { ...cluster.observed, cluster: { ...cluster.observed.cluster, state: 'away' } };
    await expect(decisions.trigger('c1', ann)).rejects.toMatchObject({ code: 'cluster.away' });
  });
});

describe('an approved plan', () => {
  it('cordons, drains and deletes the node, with words on the way', async () => {
    const { id } = await proposed();
    expect(await decisions.approve(id, ann)).toMatchObject({ state: 'approved', approval: { by: 'Ann' } });
    await waitingTask('cordon');
    cluster.work();
    await waitingTask('drain');
    cluster.work('running', '1 of 1 pods evicted');
    await until(async () => (await decisions.get(id)).steps[2]?.detail === '1 of 1 pods evicted');
    cluster.work();
    await waitingTask('delete-node');
    cluster.work();
    const ended = await inState(id, 'succeeded');
    expect(ended.steps.map(step => step.state)).toEqual(['done', 'done', 'done', 'done']);
    expect(kinds()).toEqual(['cordon', 'drain', 'delete-node']);
    expect(cluster.observed.nodes.map(node => node.name)).not.toContain('a');
    const actions = (await audit.list(100))
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
    expect(await audit.isIntact()).toBe(true);
  });

  it('waits for its turn: one plan at a time for each cluster', async () => {
    const first = await proposed('a');
    const second = (await decisions.plans()).find(plan => plan.remove[0]?.name === 'b');
    await decisions.approve(first.id, ann);
    await waitingTask('cordon');
    await decisions.approve(second?.id ?? '', ann);
    for (const kind of ['cordon', 'drain', 'delete-node']) {
      await waitingTask(kind);
      expect((await decisions.get(second?.id ?? '')).state).toBe('approved');
      cluster.work();
    }
    await inState(first.id, 'succeeded');
    await waitingTask('cordon');
    expect((await decisions.get(second?.id ?? '')).state).toBe('running');
  });

  it('is undone when a step fails: uncordoned, failed, with the words of the agent', async () => {
    const { id } = await proposed();
    await decisions.approve(id, ann);
    await waitingTask('cordon');
    cluster.work();
    await waitingTask('drain');
    cluster.work('failed', 'budget shop/web did not allow it in time');
    await waitingTask('uncordon');
    cluster.work();
    const failed = await inState(id, 'failed');
    expect(failed.outcome).toMatch(/drain failed: budget shop\/web did not allow it in time.*uncordoned/);
    expect(cluster.observed.nodes.every(node => !node.cordoned)).toBe(true);
  });

  it('says that the node may still be cordoned when even that cannot be undone', async () => {
    const { id } = await proposed();
    await decisions.approve(id, ann);
    await waitingTask('cordon');
    cluster.work('failed', 'forbidden');
    await waitingTask('uncordon');
    cluster.work('failed', 'forbidden');
    expect((await inState(id, 'failed')).outcome).toMatch(/kubectl uncordon a/);
  });

  it('stops at a safe place and gives the node back', async () => {
    const { id } = await proposed();
    await decisions.approve(id, ann);
    await waitingTask('cordon');
    cluster.work();
    await waitingTask('drain');
    expect(await decisions.stopPlan(id, ann)).toMatchObject({ state: 'stopping' });
    expect(cluster.waiting?.isCancelled).toBe(true);
    cluster.work();
    await waitingTask('uncordon');
    cluster.work();
    expect((await inState(id, 'stopped')).outcome).toMatch(/Stopped after cordon.*uncordoned/);
    expect(kinds()).not.toContain('delete-node');
  });

  it('is not taken back from a delete that the agent already has', async () => {
    const { id } = await proposed();
    await decisions.approve(id, ann);
    for (const kind of ['cordon', 'drain']) {
      await waitingTask(kind);
      cluster.work();
    }
    await waitingTask('delete-node');
    await decisions.stopPlan(id, ann);
    expect(cluster.waiting?.isCancelled).toBe(false);
    cluster.work();
    expect((await inState(id, 'succeeded')).outcome).toMatch(/too late/);
  });

  it('goes on after a restart of the engine, also with a result that nobody heard', async () => {
    const { id } = await proposed();
    await decisions.approve(id, ann);
    await waitingTask('cordon');
    await until(async () => (await decisions.get(id)).steps[1]?.taskId != null);
    await decisions.stop();
    cluster.work('done', 'done', true);
    decisions = await engineOver(cluster);
    await decisions.start();
    await waitingTask('drain');
    expect(kinds()).toEqual(['cordon', 'drain']);
  });
});

describe('an approval', () => {
  it('is refused with the difference when the cluster changed, and the plan is stale', async () => {
    const { id } = await proposed();
    cluster.changeNodes(nodes => nodes.map(node => (node.name === 'a' ? { ...node, uid: 'uid-new' } : node)));
    await expect(decisions.approve(id, ann)).rejects.toMatchObject({
      code: 'plan.stale',
      message: 'Node a is no longer in the cluster.',
    });
    expect(await decisions.get(id)).toMatchObject({
      state: 'stale',
      outcome: 'Node a is no longer in the cluster.',
    });
    await expect(decisions.approve(id, ann)).rejects.toMatchObject({ code: 'plan.wrong-state' });
  });

  it('is refused when a budget now forbids the drain', async () => {
    const { id } = await proposed();
    const { inventory } = cluster.observed;
    cluster.observed = {
      ...cluster.observed,
      inventory: { ...inventory, budgets: [budgetOf('web', { app: 'web' }, 0)] },
    };
    await expect(decisions.approve(id, ann)).rejects.toMatchObject({
      code: 'plan.stale',
      message: expect.stringMatching(/shop\/web allows no disruption/),
    });
  });

  it('is refused while the agent is away, and the plan stays', async () => {
    const { id } = await proposed();
    cluster.observed = { ...cluster.observed, cluster: { ...cluster.observed.cluster, state: 'away' } };
    await expect(decisions.approve(id, ann)).rejects.toMatchObject({ code: 'cluster.away' });
    expect((await decisions.get(id)).state).toBe('proposed');
  });

  it('counts once when two people say it at the same time', async () => {
    const { id } = await proposed();
    const answers = await Promise.allSettled([
      decisions.approve(id, ann),
      decisions.approve(id, ann),
      decisions.reject(id, ann),
    ]);
    expect(answers.filter(answer => answer.status === 'fulfilled')).toHaveLength(1);
  });

  it('is refused after three failures in a row, until an operator runs the engine again', async () => {
    await decisions.trigger('c1', ann);
    for (const name of ['a', 'b', 'c']) {
      const plan = (await decisions.plans()).find(
        one => one.remove[0]?.name === name && one.state === 'proposed',
      );
      await decisions.approve(plan?.id ?? '', ann);
      await waitingTask('cordon');
      cluster.work('failed', 'no');
      await waitingTask('uncordon');
      cluster.work();
      const failed = await inState(plan?.id ?? '', 'failed');
      if (name === 'c') expect(failed.outcome).toMatch(/3 plans in a row failed/);
    }
    const next = (await decisions.plans()).find(one => one.state === 'proposed');
    await expect(decisions.approve(next?.id ?? '', ann)).rejects.toMatchObject({ code: 'resource.conflict' });
    const again = await proposed('a');
    expect((await decisions.approve(again.id, ann)).state).toBe('approved');
  });
});
