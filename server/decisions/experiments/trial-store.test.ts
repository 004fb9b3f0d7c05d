import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase } from '../../platform/database/testing/open-test-database.ts';
import type { Database } from '../../platform/index.ts';
import { decisionMigrations } from '../decision-tables.ts';
import { readLedger } from './engine-ledger-store.ts';
import type { ProposedFigures } from './trial-figures.ts';
import { type EngineTrial, TrialStore } from './trial-store.ts';

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trials-'));
  database = await openTestDatabase(folder, decisionMigrations);
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** 3 trillion micro-USD: sums of it are beyond what 32 bits hold. */
const MUCH = 3_000_000_000_000;
let count = 0;
const figures = (savedShare: number | null, change: Partial<ProposedFigures> = {}): ProposedFigures => ({
  savedMicroUsdPerHour: 1_000,
  savedShare,
  moves: 2,
  proposals: 3,
  refused: 1,
  ...change,
});
const trial = (change: Partial<EngineTrial>): EngineTrial => ({
  id: `t${++count}`,
  experimentId: 'x',
  clusterId: 'c1',
  at: count,
  hour: 0,
  champion: figures(0.1),
  challenger: figures(0.3),
  failure: null,
  ...change,
});

describe('trials of an experiment', () => {
  it('are averaged within a cluster first, then over the clusters of an hour', async () => {
    const store = new TrialStore(database);
    for (const one of [
      trial({}),
      trial({ challenger: figures(0.5) }),
      trial({ clusterId: 'c2', challenger: figures(0.1) }),
      trial({ hour: 2, champion: figures(0.4), challenger: figures(0.1) }),
      trial({ hour: 2, challenger: null, failure: { kind: 'overrun', reason: 'slow' } }),
      trial({ hour: 3, champion: figures(null), challenger: figures(null) }),
      trial({ hour: 4, champion: null }),
      trial({ experimentId: 'other', hour: 1 }),
    ])
      await store.add(one);
    const hours = await store.hours('x', 9);
    expect(hours.map(({ hour }) => hour)).toEqual([0, 2]);
    // c1: (0.2 + 0.4) / 2; c2: 0.
    expect(hours[0]?.value).toBeCloseTo(0.15, 12);
    expect(hours[1]?.value).toBeCloseTo(-0.3, 12);
    expect(await store.hours('x', 2)).toHaveLength(1);
    expect(await store.hours('nothing', 9)).toEqual([]);
  });

  it('add up for each side, with what failed and why', async () => {
    const store = new TrialStore(database);
    for (const one of [
      trial({ champion: figures(0.2, { savedMicroUsdPerHour: MUCH }) }),
      trial({ clusterId: 'c2', champion: figures(0.4, { savedMicroUsdPerHour: MUCH }) }),
      trial({ champion: null, challenger: null, failure: { kind: 'invalid', reason: 'first' } }),
      trial({ champion: null, challenger: null, failure: { kind: 'overrun', reason: 'last' } }),
    ])
      await store.add(one);
    const totals = await store.totals('x');
    expect(totals).toMatchObject({ runs: 4, compared: 2, proposals: 6, refused: 2 });
    expect(totals).toMatchObject({ invalidAnswers: 1, overruns: 1, failureReason: 'last' });
    expect(totals.champion).toMatchObject({
      clusters: 2,
      runs: 2,
      savedMicroUsdPerHour: 2 * MUCH,
      moves: 4,
    });
    expect(totals.champion.savedShare).toBeCloseTo(0.6, 12);
    expect(await store.totals('nothing')).toMatchObject({
      runs: 0,
      compared: 0,
      invalidAnswers: 0,
      failureReason: null,
      challenger: { clusters: 0, runs: 0, savedMicroUsdPerHour: 0, savedShare: 0, moves: 0 },
    });
  });
});

it('begins the ledger with the choices that older engines kept', async () => {
  const isOlder = ([name]: [string, unknown]) => name < '2026-11-28-engine-experiments';
  const older = Object.fromEntries(Object.entries(decisionMigrations).filter(isOlder));
  const other = await mkdtemp(join(tmpdir(), 'ledger-'));
  const before = await openTestDatabase(other, older);
  await before.write(async transaction => {
    await sql`insert into decision_engine_choices (cluster_id, engine_id, parameters, changed_at, changed_by)
      values ('c2', 'spot', '{}', 20, 'Ada'), ('c1', 'bin-packing', '{}', 10, 'Ann')`.execute(transaction);
  });
  await before.close();
  const after = await openTestDatabase(other, decisionMigrations);
  const entries = await readLedger(after, { limit: 9 });
  expect(
    entries.map(({ seq, at, kind, clusterId, engineId, actor }) => [
      seq,
      at,
      kind,
      clusterId,
      engineId,
      actor,
    ]),
  ).toEqual([
    [2, 20, 'chosen', 'c2', 'spot', 'Ada'],
    [1, 10, 'chosen', 'c1', 'bin-packing', 'Ann'],
  ]);
  await after.close();
  await rm(other, { recursive: true, force: true });
});
