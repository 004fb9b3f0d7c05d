import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allMigrations } from '../engine.ts';
import { PoolStore, type PriceRecord, PriceStore } from '../market/index.ts';
import { PostgresDatabases } from '../platform/database/testing/postgres-databases.ts';
import { postgresUrl } from '../platform/database/testing/postgres-url.ts';
import { AuditLog, DatabaseUrl, openPostgres, openSqlite } from '../platform/index.ts';

const clock = { now: () => 1_800_000_000_000 };
const pool = {
  region: 'us-east-1',
  availabilityZone: 'us-east-1a',
  instanceType: 'm5.large',
  product: 'Linux/UNIX',
};
/** Sixty days, so that there are several partitions, and more than a commit takes. */
const records: PriceRecord[] = Array.from({ length: 30_000 }, (_, index) => ({
  ...pool,
  atMs: clock.now() - index * 172_000,
  priceMicroUsdPerHour: 1 + (index % 977),
}));

describe.skipIf(postgresUrl === null)('cloudoptim database move', () => {
  let folder: string;
  let databases: PostgresDatabases;
  let url: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cloudoptim-move-'));
    databases = new PostgresDatabases(postgresUrl ?? '');
    url = await databases.create();
    const source = await openSqlite(folder, allMigrations);
    await new PriceStore(source, new PoolStore(source)).insert(records);
    await new AuditLog(source, clock).record({
      actor: 'Ann',
      action: 'test',
      subject: 'x',
      detail: { a: 1 },
    });
    await source.close();
  });
  afterEach(async () => {
    await databases.dropAll();
    rmSync(folder, { recursive: true, force: true });
  });

  function start() {
    const main = join(import.meta.dirname, '../main.ts');
    return spawn(process.execPath, [main, 'database', 'move', '--from-sqlite', folder, '--to', url]);
  }

  async function move() {
    const child = start();
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    await once(child, 'close');
    return { code: child.exitCode, said };
  }

  /** Kills a move that the target holds up when 10,000 prices are there; returns how many stayed. */
  async function killHalfway(): Promise<number> {
    await (await openPostgres(new DatabaseUrl(url), allMigrations)).close();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(`
        create function wait_halfway() returns trigger language plpgsql as $$
        begin
          if (select count(*) from spot_prices) >= 10000 then perform pg_advisory_xact_lock(1); end if;
          return null;
        end $$;
        create trigger halfway before insert on spot_prices for each statement execute function wait_halfway();
        select pg_advisory_lock(1);`);
      const child = start();
      const ended = once(child, 'close');
      await expect
        .poll(
          async () =>
            (await client.query("select from pg_locks where locktype = 'advisory' and not granted")).rowCount,
          { timeout: 60_000 },
        )
        .toBe(1);
      child.kill('SIGKILL');
      await ended;
      await client.query('select pg_advisory_unlock(1); drop function wait_halfway cascade;');
      return Number((await client.query('select count(*) from spot_prices')).rows[0].count);
    } finally {
      await client.end();
    }
  }

  it('goes on after a kill, ends with the same rows, and new rows are numbered on', {
    timeout: 180_000,
  }, async () => {
    expect(await killHalfway()).toBe(10_000);
    const { code, said } = await move();
    expect(said).toContain('spot_prices: 30000 rows');
    expect(code).toBe(0);
    const target = await openPostgres(new DatabaseUrl(url), allMigrations);
    const pools = new PoolStore(target);
    await pools.load();
    const prices = new PriceStore(target, pools);
    const [series] = await prices.series([pool], 0, clock.now() + 1_000);
    expect([...(series?.atMs ?? [])]).toEqual(records.map(({ atMs }) => atMs).reverse());
    expect(await prices.counts.total()).toBe(records.length);
    expect(
      await prices.insert([
        { ...pool, instanceType: 'c5.large', atMs: clock.now(), priceMicroUsdPerHour: 1 },
      ]),
    ).toBe(1);
    const audit = new AuditLog(target, clock);
    await audit.record({ actor: 'Bob', action: 'test', subject: 'y', detail: null });
    expect(await audit.isIntact()).toBe(true);
    expect((await audit.list(5)).map(({ actor }) => actor)).toEqual(['Bob', 'Ann']);
    await target.close();
  });

  it('leaves a database alone that holds rows of its own', { timeout: 120_000 }, async () => {
    const target = await openPostgres(new DatabaseUrl(url), allMigrations);
    await new AuditLog(target, clock).record({ actor: 'Eve', action: 'test', subject: 'z', detail: null });
    await target.close();
    const { code, said } = await move();
    expect(code).toBe(2);
    expect(said).toContain('The target database holds rows already, in audit. Move into an empty database.');
  });
});
