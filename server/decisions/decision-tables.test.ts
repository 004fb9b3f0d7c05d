import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import { decisionMigrations } from './decision-tables.ts';
import { PlanStore } from './plan-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decision-tables-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('keeps the plans of one node that older engines made', async () => {
  const older = Object.fromEntries(
    Object.entries(decisionMigrations).filter(([name]) => name < '2026-11-26-plans-of-several-nodes'),
  );
  const before = await openTestDatabase(folder, older);
  const node = { name: 'a', uid: 'uid-a', instanceType: 'm5.xlarge' };
  const body = {
    id: 'p1',
    title: 'Replace a',
    node,
    target: { instanceType: 'm5.large' },
    reasons: [],
    pods: Array.from({ length: 12 }, (_, index) => ({ uid: `pod-${index}` })),
    steps: [{ kind: 'cordon' }],
  };
  await before.write(async transaction => {
    await sql`insert into decision_plans (id, run_id, cluster_id, node_uid, state, created_at, body)
      values ('p1', 'r1', 'c1', 'uid-a', 'succeeded', 1, ${JSON.stringify(body)})`.execute(transaction);
  });
  await before.close();

  const after = await openTestDatabase(folder, decisionMigrations);
  const store = new PlanStore(after);
  expect(await store.plan('p1')).toEqual({
    id: 'p1',
    title: 'Replace a',
    reasons: [],
    kind: 'replace-node',
    remove: [node],
    add: [{ instanceType: 'm5.large', key: 'new-1', allocatable: null }],
    pods: body.pods.map(({ uid }) => ({ uid, from: 'a', to: 'new-1', requests: null })),
    proof: null,
    steps: [{ kind: 'cordon', wave: 1, node: { name: 'a', uid: 'uid-a' } }],
  });
  const [listed] = await store.listedPlans({ limit: 10 });
  expect(listed?.pods.map(({ uid }) => uid)).toEqual(body.pods.slice(0, 10).map(({ uid }) => uid));
  expect(listed?.more).toMatchObject({ pods: 2, steps: 0 });
  await after.close();
});
