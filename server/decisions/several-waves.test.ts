import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../common/contracts/index.ts';
import {
  AuditLog,
  auditMigrations,
  createLog,
  type Database,
  LiveHub,
  openSqlite,
} from '../platform/index.ts';
import { createDecisions, type Decisions } from './create-decisions.ts';
import { decisionMigrations } from './decision-tables.ts';
import { freshSteps } from './plan-progress.ts';
import { PlanStore } from './plan-store.ts';
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
  database = await openSqlite(folder, { ...auditMigrations, ...decisionMigrations });
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

describe('a plan of several waves', () => {
  /** A plan of a run, made to take `waves` instead of its one node; approved. */
  async function approvedFor(waves: readonly (readonly string[])[]): Promise<string> {
    const { id } = await proposed();
    const machine = {
      instanceType: 'm5.xlarge',
      zone: 'us-east-1a',
      capacityType: 'on-demand' as const,
      priceMicroUsdPerHour: 192_000,
    };
    const nodes = waves.map(wave => wave.map(name => ({ name, uid: `uid-${name}`, ...machine })));
    const store = new PlanStore(database);
    const found = await decisions.get(id);
    const plan = {
      ...found,
      kind: 'repack' as const,
      remove: nodes.flat(),
      steps: freshSteps(nodes.map(remove => ({ remove, order: [] }))),
    };
    await store.write(transaction => store.replacePlan(transaction, plan, 'proposed'));
    expect((await decisions.approve(id, ann)).state).toBe('approved');
    return id;
  }
  const work = async (...wanted: string[]) => {
    for (const one of wanted) {
      const [kind = ''] = one.split(' ');
      await waitingTask(kind);
      cluster.work();
    }
  };
  const removeBy = async (name: string) => {
    cluster.changeNodes(nodes => nodes.filter(node => node.name !== name));
  };

  it('looks again before the second, refuses it with the difference, and keeps what is done', async () => {
    const id = await approvedFor([['c'], ['d']]);
    await work('cordon', 'drain');
    cluster.changeNodes(nodes => nodes.map(node => (node.name === 'd' ? { ...node, cordoned: true } : node)));
    await work('delete-node');
    expect((await inState(id, 'stale')).outcome).toBe(
      'Wave 2 was not begun: Node d is cordoned already: somebody else is at work on it. Node c was drained and removed before that.',
    );
    expect(kinds()).toEqual(['cordon', 'drain', 'delete-node']);
    expect((await store().breaker('c1')).failuresInARow).toBe(0);
  });
  const store = () => new PlanStore(database);

  it('waits before a wave for a budget, and gives up when that does not pass', async () => {
    const { inventory } = cluster.observed;
    const id = await approvedFor([['c'], ['a']]);
    await work('cordon', 'drain');
    const budgets = [budgetOf('web', { app: 'web' }, 0)];
    cluster.observed = { ...cluster.observed, inventory: { ...inventory, budgets } };
    await work('delete-node');
    await until(async () =>
      /^Waits: .*allows no disruption/.test((await decisions.get(id)).steps[4]?.detail ?? ''),
    );
    nowMs += 60 * 60_000;
    await decisions.start();
    expect((await inState(id, 'stale')).outcome).toMatch(/In 1 h this did not pass: .* Node c was drained/);
  });

  it('drains side by side only what shares no budget and no workload', async () => {
    const id = await approvedFor([['a', 'b', 'c']]);
    await work('cordon', 'cordon', 'cordon');
    await waitingTask('drain');
    await until(async () => cluster.tasks.filter(task => task.action.kind === 'drain').length === 2);
    // Nodes a and b hold pods of one Deployment.
    const drained = () =>
      cluster.tasks.flatMap(({ action }) => (action.kind === 'drain' ? [action.node.name] : []));
    expect(drained()).toEqual(['a', 'c']);
    cluster.work();
    await until(async () => drained().length === 3);
    expect(drained()).toEqual(['a', 'c', 'b']);
    for (let left = 5; left > 0; left--) {
      await until(async () => cluster.waiting);
      cluster.work();
    }
    await inState(id, 'succeeded');
  });

  it('goes on without a node that left by itself meanwhile', async () => {
    const id = await approvedFor([['c'], ['d']]);
    await work('cordon', 'drain');
    await removeBy('d');
    await work('delete-node');
    const ended = await inState(id, 'succeeded');
    expect(ended.steps.at(-1)).toMatchObject({ startedAt: null, detail: 'Node d was gone already.' });
  });
});
