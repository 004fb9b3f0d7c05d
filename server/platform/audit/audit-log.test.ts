import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/testing/open-test-database.ts';
import { AuditLog, auditMigrations } from './audit-log.ts';

let folder: string;
let database: Database;
let audit: AuditLog;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-audit-'));
  database = await openTestDatabase(folder, auditMigrations);
  audit = new AuditLog(database, { now: () => 1_000 });
  for (let index = 0; index < 20; index++) {
    await audit.record({ actor: 'ann', action: 'plan.approve', subject: `plan-${index}`, detail: { index } });
  }
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

describe('AuditLog', () => {
  it('lists newest first, and the untouched chain holds', async () => {
    const [newest] = await audit.list(1);
    expect(newest).toMatchObject({ seq: 20, subject: 'plan-19', detail: { index: 19 } });
    expect(await audit.isIntact()).toBe(true);
  });

  it.each([
    ['an actor is changed', "update audit set actor = 'bob' where seq = 7"],
    ['a time is changed', 'update audit set at = 1001 where seq = 7'],
    ['a detail is changed', `update audit set detail = '{"index":8}' where seq = 7`],
    ['an entry is removed', 'delete from audit where seq = 7'],
    ['the first entry is removed', 'delete from audit where seq = 1'],
    [
      'two entries change places',
      'update audit set seq = case seq when 7 then 108 when 8 then 107 end where seq in (7, 8)',
    ],
  ])('notices that %s', async (_what, statement) => {
    await database.write(async transaction => void (await sql.raw(statement).execute(transaction)));
    expect(await audit.isIntact()).toBe(false);
  });

  it('keeps its chain when many write at once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        audit.record({ actor: 'ann', action: 'gap.fill', subject: String(index), detail: null }),
      ),
    );
    expect(await audit.isIntact()).toBe(true);
    expect(await audit.list(1000)).toHaveLength(70);
  });
});
