import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  async function move(killAt?: RegExp) {
    const main = join(import.meta.dirname, '../main.ts');
    const child = spawn(process.execPath, [main, 'database', 'move', '--from-sqlite', folder, '--to', url]);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (killAt?.test(said)) child.kill('SIGKILL');
      });
    await once(child, 'close');
    return { code: child.exitCode, said };
  }

  it('goes on after a kill, ends with the same rows, and new rows are numbered on', {
    timeout: 180_000,
  }, async () => {
    let killed = await move(/copying spot_prices/);
    // A copy that was done before the kill arrived shows nothing: it is tried on another database.
    for (let attempt = 0; killed.code !== null && attempt < 6; attempt++) {
      url = await databases.create();
      killed = await move(/copying spot_prices/);
    }
    expect(killed.code).toBeNull();
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
