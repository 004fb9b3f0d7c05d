import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan, PlanPod, PlanState } from '../../common/contracts/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import type { Database } from '../platform/index.ts';
import { decisionMigrations } from './decision-tables.ts';
import { freshSteps, withStep } from './plan-progress.ts';
import { PlanStore } from './plan-store.ts';

let folder: string;
let database: Database;
let store: PlanStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-pods-'));
  database = await openTestDatabase(folder, decisionMigrations);
  store = new PlanStore(database);
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const podsOf = (id: string, count: number): PlanPod[] =>
  Array.from({ length: count }, (_, n) => ({
    namespace: 'shop',
    name: `web-${n}`,
    uid: `${id}-${n}`,
    owner: null,
    from: 'a',
    to: null,
    requests: null,
  }));

/** A plan whose first step began at `startedAt`; saved. */
async function saved(id: string, pods: number, state: PlanState, startedAt: number | null): Promise<Plan> {
  const [first, ...others] = freshSteps([{ remove: [], order: [] }]);
  const plan = {
    id,
    runId: 'run',
    clusterId: 'c1',
    state,
    createdAt: 1,
    reasons: [],
    remove: [],
    add: [],
    pods: podsOf(id, pods),
    steps: [{ ...first, startedAt }, ...others],
    approval: startedAt === null ? null : { by: 'Ann', at: startedAt },
    outcome: null,
  } as unknown as Plan;
  await store.write(transaction => store.insertPlan(transaction, plan));
  return plan;
}

describe('the pods of a plan', () => {
  it('come back whole and in their order, for whoever asks first and again', async () => {
    const plan = await saved('large', 1_203, 'running', 5);
    const small = await saved('small', 1, 'running', 6);
    const none = await saved('none', 0, 'proposed', null);
    for (const reader of [store, new PlanStore(database)]) {
      expect(await reader.plan('large')).toEqual(plan);
      expect(await reader.plansIn(['running', 'proposed'], 'c1')).toEqual(
        expect.arrayContaining([plan, small, none]),
      );
      expect((await reader.plan('large'))?.pods).toEqual(plan.pods);
    }
    expect(await store.podsOf('unknown')).toEqual([]);
  });

  it('stay as they were when the plan changes, which is kept without them', async () => {
    const plan = await saved('large', 700, 'running', 5);
    const changed = withStep({ ...plan, pods: [] }, 0, { detail: 'half of it' });
    await store.write(transaction => store.replacePlan(transaction, changed, 'running'));
    const found = await new PlanStore(database).plan('large');
    expect(found?.pods).toHaveLength(700);
    expect(found?.steps[0]?.detail).toBe('half of it');
    const row = await database
      .reader<{ decision_plans: { id: string; body: string } }>()
      .selectFrom('decision_plans')
      .select('body')
      .executeTakeFirstOrThrow();
    expect(row.body).not.toContain('web-1');
  });

  it('let others in while thousands of them are read', async () => {
    await saved('large', 100_000, 'running', 5);
    let turns = 0;
    let next = setImmediate(function again() {
      turns++;
      next = setImmediate(again);
    });
    await new PlanStore(database).podsOf('large');
    clearImmediate(next);
    // One where all is read at once.
    expect(turns).toBeGreaterThan(2);
  });
});

it('looks back on plans that run, or of which a step began since then', async () => {
  await saved('old', 1, 'succeeded', 1_000);
  await saved('recent', 2, 'failed', 9_000);
  await saved('long', 3, 'running', 500);
  await saved('never', 4, 'stopped', null);
  const found = await store.startedPlans('c1', 5_000);
  expect(found.map(({ id, pods }) => [id, pods.length])).toEqual([
    ['recent', 2],
    ['long', 3],
  ]);
  expect((await store.failedPlans('c1', 5_000)).map(({ id }) => id)).toEqual(['recent']);
  expect(await store.failedPlans('c1', 9_001)).toEqual([]);
});
