import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { allMigrations } from '../engine.ts';
import { PoolStore, type PriceRecord, PriceStore } from '../market/index.ts';
import { PostgresDatabases } from '../platform/database/testing/postgres-databases.ts';
import { postgresUrl } from '../platform/database/testing/postgres-url.ts';
import {
  AuditLog,
  type Database,
  DatabaseUrl,
  openDatabase,
  openPostgres,
  openSqlite,
} from '../platform/index.ts';
import { runCommandLine } from './command-line.ts';

const clock = { now: () => 1_800_000_000_000 };
/** Sixty days, so that PostgreSQL has several partitions. */
const records: PriceRecord[] = Array.from({ length: 20_000 }, (_, index) => ({
  region: 'us-east-1',
  availabilityZone: 'us-east-1a',
  instanceType: 'm5.large',
  product: 'Linux/UNIX',
  atMs: clock.now() - index * 259_000,
  priceMicroUsdPerHour: 1 + (index % 977),
}));
const modelFile = join('models', 'ab'.repeat(32), 'model.onnx');

let folder: string;
let data: string;
let restored: string;
let backup: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-backup-'));
  [data, restored, backup] = ['data', 'restored', 'backup'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(join(data, modelFile, '..'), { recursive: true });
  mkdirSync(join(data, 'models/incoming'));
  writeFileSync(join(data, modelFile), 'a model');
  writeFileSync(join(data, 'models/incoming/part'), 'half an upload');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function fill(database: Database): Promise<void> {
  await new PriceStore(database, new PoolStore(database)).insert(records);
  // Everything that a text may hold to trip a format of lines, and bytes.
  await new AuditLog(database, clock).record({
    actor: 'Änn\t\\N\n"x"\\',
    action: 'test',
    subject: '\\.',
    detail: { a: [1.5e-7, null] },
  });
  await database.write<{ usage_days: { key: number; body: Buffer } }, void>(async transaction => {
    await transaction
      .insertInto('usage_days')
      .values({ key: 7, body: Buffer.from([0, 10, 92, 255]) })
      .execute();
  });
}

/** Every row of the tables that `fill` fills. */
async function rowsOf(database: Database): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const [table, key] of [
    ['spot_prices', 'key'],
    ['pools', 'id'],
    ['audit', 'seq'],
    ['usage_days', 'key'],
  ] as const)
    found[table] = (
      await sql<Record<string, unknown>>`select * from ${sql.table(table)} order by ${sql.ref(key)}`.execute(
        database.reader(),
      )
    ).rows;
  return found;
}

function start(...args: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), 'database', ...args], {
    env: { ...process.env, CLOUDOPTIM_DATABASE_URL: '' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  return { child, ended: once(child, 'close').then(() => ({ code: child.exitCode, said })) };
}

/** The command in this process, which spares a start. */
async function run(...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const spies = [process.stdout, process.stderr].map(stream =>
    vi.spyOn(stream, 'write').mockImplementation(chunk => {
      said += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await runCommandLine(['node', 'cloudoptim', 'database', ...args]), said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe.runIf(postgresUrl === null)('cloudoptim database backup of SQLite', () => {
  it('is taken while the engine writes, restores to the same rows and files, and says what it refuses', async () => {
    const source = await openSqlite(data, allMigrations);
    await fill(source);
    const audit = new AuditLog(source, clock);
    let isOver = false;
    const writing = (async () => {
      for (let n = 0; !isOver && n < 100_000; n++)
        await audit.record({ actor: 'Bob', action: 'test', subject: String(n), detail: null });
    })();
    const taken = await start('backup', backup, '--data', data).ended;
    isOver = true;
    await writing;
    const written = (await audit.list(1))[0]?.seq ?? 0;
    expect(taken).toMatchObject({ code: 0, said: expect.stringContaining('spot_prices: 20000 rows') });
    expect(taken.said).toContain('and 1 files');
    expect(readdirSync(folder).sort()).toEqual(['backup', 'data']);

    expect(await run('restore', backup, '--data', restored)).toMatchObject({ code: 0 });
    expect(readFileSync(join(restored, modelFile), 'utf8')).toBe('a model');
    const target = await openSqlite(restored, allMigrations);
    const before = (await rowsOf(source)) as Record<string, unknown[]>;
    const after = (await rowsOf(target)) as Record<string, unknown[]>;
    expect(after.spot_prices).toEqual(before.spot_prices);
    // One moment in the midst of the writes: a beginning of what was written, whole.
    const moment = after.audit?.length ?? 0;
    expect(moment).toBeGreaterThan(1);
    expect(moment).toBeLessThan(written);
    expect(after.audit).toEqual(before.audit?.slice(0, moment));
    expect(await new AuditLog(target, clock).isIntact()).toBe(true);

    const refused = await run('restore', backup, '--data', restored);
    expect(refused).toMatchObject({ code: 2, said: expect.stringContaining('is in use by another engine') });
    await target.close();
    const full = await run('restore', backup, '--data', restored);
    expect(full).toMatchObject({
      code: 2,
      said: expect.stringContaining('is not empty: it holds cloudoptim.sqlite'),
    });
    expect(await run('backup', backup, '--data', data)).toMatchObject({
      code: 2,
      said: expect.stringContaining('exists already'),
    });
    await source.close();
    const replaced = await run('restore', backup, '--data', data, '--replace');
    expect(replaced).toMatchObject({ code: 0, said: expect.stringMatching(/lies in .*replaced-/) });
    expect(readdirSync(data).filter(name => name.startsWith('replaced-'))).toHaveLength(1);
  });

  it('is not restored where a byte of it is another one', async () => {
    await (await openSqlite(data, allMigrations)).close();
    expect(await run('backup', backup, '--data', data)).toMatchObject({ code: 0 });
    const part = join(backup, 'files', modelFile);
    writeFileSync(part, 'A model');
    expect(await run('restore', backup, '--data', restored)).toMatchObject({
      code: 2,
      said: expect.stringContaining(`The file ${part} of the backup is not what was backed up.`),
    });
    expect(existsSync(join(restored, 'cloudoptim.sqlite'))).toBe(false);
    rmSync(join(backup, 'manifest.json'));
    expect(await run('restore', backup, '--data', restored)).toMatchObject({
      code: 2,
      said: expect.stringContaining('holds no whole backup'),
    });
    expect(await run('backup', join(folder, 'other'), '--data', restored)).toMatchObject({
      code: 2,
      said: expect.stringContaining('holds no cloudoptim.sqlite'),
    });
  });
});

describe.skipIf(postgresUrl === null)('cloudoptim database backup of PostgreSQL', () => {
  let databases: PostgresDatabases;
  let from: string;
  let to: string;
  beforeEach(async () => {
    databases = new PostgresDatabases(postgresUrl ?? '');
    [from, to] = [await databases.create(), await databases.create()];
  });
  afterEach(() => databases.dropAll());

  it('restores to the same rows, which are numbered on, and leaves rows of others alone', async () => {
    const source = await openPostgres(new DatabaseUrl(from), allMigrations);
    await fill(source);
    const rows = await rowsOf(source);
    const taken = await run('backup', backup, '--data', data, '--database-url', from);
    expect(taken).toMatchObject({ code: 0, said: expect.stringContaining('spot_prices: 20000 rows') });

    const kept = await openPostgres(new DatabaseUrl(to), allMigrations);
    await new AuditLog(kept, clock).record({ actor: 'Eve', action: 'test', subject: 'z', detail: null });
    const restore = (...flags: string[]) =>
      run('restore', backup, '--data', restored, '--database-url', to, ...flags);
    expect(await restore('--replace')).toMatchObject({
      code: 2,
      said: expect.stringContaining('in use by another engine'),
    });
    await kept.close();
    expect(await restore()).toMatchObject({
      code: 2,
      said: expect.stringContaining('holds rows already, in audit'),
    });
    expect(await restore('--replace')).toMatchObject({ code: 0 });
    expect(readFileSync(join(restored, modelFile), 'utf8')).toBe('a model');

    const target = await openPostgres(new DatabaseUrl(to), allMigrations);
    expect(await rowsOf(target)).toEqual(rows);
    expect(await target.describeSchema()).toBe(await source.describeSchema());
    const audit = new AuditLog(target, clock);
    await audit.record({ actor: 'Bob', action: 'test', subject: 'y', detail: null });
    expect(await audit.isIntact()).toBe(true);
    const pools = new PoolStore(target);
    await pools.load();
    const other = { ...(records[0] as PriceRecord), instanceType: 'c5.large' };
    expect(await new PriceStore(target, pools).insert([other])).toBe(1);
    await source.close();
    await target.close();
  });

  it('that is killed while it is restored keeps engines out until it is restored again', async () => {
    const source = await openPostgres(new DatabaseUrl(from), allMigrations);
    await fill(source);
    const rows = await rowsOf(source);
    await source.close();
    await run('backup', backup, '--data', data, '--database-url', from);
    const restore = ['restore', backup, '--data', restored, '--database-url', to];
    const { child, ended } = start(...restore);
    await expect
      .poll(() => existsSync(join(restored, 'restore-unfinished')), { interval: 5, timeout: 30_000 })
      .toBe(true);
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ code: null });
    const open = () => openDatabase({ data: restored, databaseUrl: new DatabaseUrl(to) }, allMigrations);
    await expect(open()).rejects.toThrow('was not restored to its end');
    expect(await run(...restore)).toMatchObject({ code: 2, said: expect.stringContaining('is not empty') });
    expect(await run(...restore, '--replace')).toMatchObject({ code: 0 });
    const target = await open();
    expect(await rowsOf(target)).toEqual(rows);
    await target.close();
  });

  it('goes on in PostgreSQL with a backup of SQLite, and not the other way round', async () => {
    const source = await openSqlite(data, allMigrations);
    await fill(source);
    const rows = await rowsOf(source);
    await source.close();
    await run('backup', backup, '--data', data);
    const restore = run('restore', backup, '--data', restored, '--database-url', to);
    expect(await restore).toMatchObject({ code: 0 });
    const target = await openPostgres(new DatabaseUrl(to), allMigrations);
    expect(await rowsOf(target)).toEqual(rows);
    await target.close();

    const second = join(folder, 'second');
    await run('backup', second, '--data', restored, '--database-url', to);
    expect(await run('restore', second, '--data', join(folder, 'empty'))).toMatchObject({
      code: 2,
      said: expect.stringContaining('is one of PostgreSQL'),
    });
    // Text that was changed and compressed again would pass as a file; rows are compared, too.
    const damaged = join(folder, 'damaged');
    cpSync(second, damaged, { recursive: true });
    const manifest = readFileSync(join(damaged, 'manifest.json'), 'utf8');
    writeFileSync(
      join(damaged, 'manifest.json'),
      manifest.replace(/"textSha256": "[0-9a-f]{4}/, '"textSha256": "0000'),
    );
    expect(
      await run('restore', damaged, '--data', join(folder, 'empty'), '--database-url', from),
    ).toMatchObject({ code: 2, said: expect.stringContaining('is not what was backed up') });
    const empty = await openPostgres(new DatabaseUrl(from), allMigrations);
    expect(await rowsOf(empty)).toEqual({ spot_prices: [], pools: [], audit: [], usage_days: [] });
    await empty.close();
  });
});
