import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { allMigrations } from '../engine.ts';
import { PostgresDatabases } from '../platform/database/testing/postgres-databases.ts';
import { postgresUrl } from '../platform/database/testing/postgres-url.ts';
import { AuditLog, type Database, DatabaseUrl, openPostgres, openSqlite } from '../platform/index.ts';
import { runCommandLine } from './command-line.ts';

const startMs = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-audit-command-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A day for each entry, all in one commit. */
async function fill(database: Database, actor?: string): Promise<void> {
  let day = 0;
  const log = new AuditLog(database, { now: () => startMs + day * DAY_MS });
  await database.write(async transaction => {
    for (day = 0; day < 2_500; day++) {
      const who = actor ?? (day % 2 === 0 ? 'Ännchen (user_1)' : 'executor (executor)');
      const action = day % 5 === 0 ? 'policy.save' : day % 3 === 0 ? 'plan.approved' : 'plan.started';
      const detail = { text: 'a "b",\n=c', day };
      await log.recordIn(transaction, { actor: who, action, subject: `plan_${day}`, detail });
    }
  });
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  process.exitCode = undefined;
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    err += String(text);
    return true;
  });
  const code = await runCommandLine(['node', 'cloudoptim', 'audit', ...args]);
  stdout.mockRestore();
  stderr.mockRestore();
  return { code, out, err };
}

describe('cloudoptim audit, on a data folder', () => {
  let data: string;
  let database: Database;
  beforeEach(async () => {
    data = join(folder, 'data');
    database = await openSqlite(data, allMigrations);
    await fill(database);
  });
  afterEach(() => database.close());

  it('verifies the whole log beside the engine that writes it, and what is noted holds later', async () => {
    const first = await run('verify', '--data', data);
    expect(first).toMatchObject({ code: 0 });
    expect(first.out).toContain('2500 entries, 1 to 2500, hold.\n');
    const [noted = ''] = /2500:[\da-f]{64}/.exec(first.out) ?? [];
    const log = new AuditLog(database, { now: () => startMs });
    await log.record({ actor: 'a', action: 'b', subject: 'c', detail: null });
    expect(await run('verify', '--data', data, '--holds', noted)).toMatchObject({ code: 0 });
  });

  it('notices a log that was written anew, which holds in itself', async () => {
    const { out } = await run('verify', '--data', data);
    const [noted = ''] = /2500:[\da-f]{64}/.exec(out) ?? [];
    await database.write(async transaction => void (await sql`delete from audit`.execute(transaction)));
    await fill(database, 'somebody else');
    expect(await run('verify', '--data', data)).toMatchObject({ code: 0 });
    const later = await run('verify', '--data', data, '--holds', noted);
    expect(later.code).toBe(3);
    expect(later.out).toMatch(
      /^Entry 2500 has the hash [\da-f]{64}: what lies before it was written anew\.\n$/,
    );
    expect((await run('verify', '--data', data, '--holds', `9999:${'a'.repeat(64)}`)).out).toBe(
      'Entry 9999 is not there.\n',
    );
  });

  it('names the first entry that was altered or is missing, with exit code 3', async () => {
    await database.write(async transaction => {
      await sql`update audit set actor = 'nobody' where seq in (1234, 1500)`.execute(transaction);
    });
    const altered = await run('verify', '--data', data);
    expect(altered.code).toBe(3);
    expect(altered.out).toBe(
      'Entry 1234 (2029-05-18T00:00:00.000Z, plan.approved by nobody) does not hold: its hash is not that of what it says.\n',
    );
    await database.write(async transaction => {
      await sql`delete from audit where seq = 7`.execute(transaction);
    });
    expect((await run('verify', '--data', data)).out).toContain('entry 7 is missing before it');
  });

  it.each(['jsonl', 'csv'])(
    'exports %s that verifies, also in part and gzipped, and not when altered',
    async format => {
      const file = join(folder, `audit.${format}`);
      expect(await run('export', '--data', data, '--format', format, '--output', file)).toEqual({
        code: 0,
        out: '',
        err: '2500 entries\n',
      });
      expect((await run('verify', file)).out).toContain('2500 entries, 1 to 2500, hold.\n');
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
      expect((await run('verify', `${file}.gz`)).out).toContain('2500 entries');

      const some = await run(
        'export',
        ...['--data', data, '--format', format, '--actor', 'ännchen', '--action', 'plan.*'],
        ...['--from', '2026-02-01', '--to', '2026-03-01T00:00:00Z'],
      );
      expect(some.err).toBe('12 entries\n');
      const part = join(folder, `part.${format}`);
      writeFileSync(part, some.out);
      expect((await run('verify', part)).out).toContain(
        'stretches between them are left out, and not proven',
      );

      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('plan_1233', 'plan_9999'));
      const altered = await run('verify', file);
      expect(altered.code).toBe(3);
      expect(altered.out).toContain('Entry 1234 (');
    },
  );

  it.each([
    [['export', '--format', 'xml'], '--format is "xml"'],
    [['export', '--from', 'soon'], '--from is "soon"'],
    [['verify', '--holds', '7'], '--holds is "7"'],
    [['verify', '/no/such/file'], 'The file /no/such/file cannot be read.'],
    [['verify', import.meta.filename], 'Line 1 of'],
    [['verify', 'NOT_GZIPPED'], 'cannot be read.'],
  ])('refuses %j with one sentence that names the value', async (args, told) => {
    const wrong = join(folder, 'wrong.gz');
    writeFileSync(wrong, 'no gzip');
    const given = args.map(one => (one === 'NOT_GZIPPED' ? wrong : one));
    const { code, err } = await run(...given, '--data', data);
    expect(code).toBe(2);
    expect(err).toContain(told);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('does not write over a file, nor look into a folder without a database', async () => {
    const file = join(folder, 'there');
    writeFileSync(file, 'kept');
    expect((await run('export', '--data', data, '--output', file)).err).toContain('exists already');
    expect(readFileSync(file, 'utf8')).toBe('kept');
    expect((await run('verify', '--data', folder)).err).toContain('holds no cloudoptim.sqlite');
    writeFileSync(join(folder, 'cloudoptim.sqlite'), '');
    expect((await run('verify', '--data', folder)).err).toContain('is not one of an engine');
  });
});

it.skipIf(postgresUrl === null)(
  'cloudoptim audit reads PostgreSQL beside the engine that has it',
  async () => {
    const databases = new PostgresDatabases(postgresUrl ?? '');
    const url = await databases.create();
    const database = await openPostgres(new DatabaseUrl(url), allMigrations);
    try {
      await fill(database);
      expect((await run('verify', '--database-url', url)).out).toContain('2500 entries, 1 to 2500, hold.\n');
      const { out } = await run('export', '--database-url', url, '--action', 'policy.save');
      expect(out.trim().split('\n')).toHaveLength(500);
    } finally {
      await database.close();
      await databases.dropAll();
    }
  },
);
