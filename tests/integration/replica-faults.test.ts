import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api, type FillProgress } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_SECOND } from '../../common/units/index.ts';
import { postgresUrl } from '../../server/platform/database/testing/postgres-url.ts';
import { startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { missingIn, rowOf, rowOfKey } from '../support/fill-world.ts';
import { openMarketOfTest } from '../support/market-of-test.ts';
import { redisUrl } from '../support/redis-url.ts';
import {
  callApi,
  lastingToken,
  openReplicaWorld,
  type ReplicaProcess,
  type ReplicaWorld,
  until,
} from '../support/replica-world.ts';

describe.skipIf(postgresUrl === null || redisUrl === null)('when a leading replica fails', () => {
  let world: ReplicaWorld;
  beforeEach(async () => {
    world = await openReplicaWorld(postgresUrl ?? '', redisUrl ?? '', 6);
  });
  afterEach(() => world.close());

  async function ask<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: world.databaseUrl });
    await client.connect();
    const { rows } = await client.query<Row>(text);
    await client.end();
    return rows;
  }

  async function ready(...replicas: ReplicaProcess[]): Promise<void> {
    for (const { url } of replicas)
      await until(
        () => fetch(`${url}/readyz`),
        ({ status }) => status === 200,
      );
  }

  it('a fill that it had begun ends under the next one with the same rows', async () => {
    const market = await openMarketOfTest(undefined);
    // Slow enough to be killed in the middle, on any machine.
    const endpoint = await startEc2Endpoint({
      market,
      clock: Date.now,
      accessKeyIds: ['AKIATEST'],
      bucket: { capacity: 5, refillPerSecond: 10 },
    });
    try {
      const flags = ['--ec2-endpoint', endpoint.url];
      const leader = await world.start(...flags);
      const token = await lastingToken(await leader.leads);
      const follower = await world.start(...flags);
      await ready(follower);
      const product = 'Linux/UNIX';
      const toMs = Math.floor(Date.now() / MS_PER_SECOND) * MS_PER_SECOND;
      const fromMs = toMs - 20 * MS_PER_DAY;
      const fill = (method: string, path: string, body?: object) =>
        callApi<FillProgress>(follower.url, token, method, path, body);
      const { jobId } = await fill('POST', api.market.fillGap.path, {
        scope: { regions: [market.region], products: [product], instanceTypes: [] },
        ...{ fromMs, toMs },
      });
      const progress = () => fill('GET', api.market.getFill.path.replace(':job', jobId));
      const before = await until(progress, ({ newRows }) => newRows > 0);
      leader.signal('SIGKILL');
      await follower.leads;
      expect(before.state).toBe('running');
      const ended = await until(progress, ({ state }) => !['queued', 'running'].includes(state));
      expect(ended).toMatchObject({ state: 'succeeded', message: null });

      const expected = new Set<string>();
      for (const pool of market.pools()) {
        if (pool.product !== product) continue;
        const records = [market.recordInForce(pool, fromMs) ?? [], market.recordsBetween(pool, fromMs, toMs)];
        for (const { atMs, priceMicroUsdPerHour } of records.flat()) {
          const { availabilityZone, instanceType } = pool;
          expected.add(
            rowOf(availabilityZone, instanceType, product, atMs / MS_PER_SECOND, priceMicroUsdPerHour),
          );
        }
      }
      const pools = await ask<{ id: string; zone: string; type: string; product: string }>(
        'select id, availability_zone as zone, instance_type as type, product from pools',
      );
      const byId = new Map(pools.map(pool => [Number(pool.id), pool]));
      const rows = await ask<{ key: string; micro: number }>(
        'select key, price_micro_usd as micro from spot_prices',
      );
      expect(before.newRows).toBeLessThan(expected.size);
      expect(rows).toHaveLength(expected.size);
      const stored = new Set(rows.map(({ key, micro }) => rowOfKey(byId, Number(key), micro)));
      expect([missingIn(expected, stored), missingIn(stored, expected)]).toEqual([[], []]);
    } finally {
      await endpoint.close();
    }
  });

  it('by standing still, it is replaced; when it wakes it writes nothing and ends', async () => {
    const paused = await world.start();
    const token = await lastingToken(await paused.leads);
    const others = await Promise.all([world.start(), world.start()]);
    await ready(...others);
    const labels = async (base: string) => {
      const path = '/api/v1/admin/tokens';
      const { tokens } = await callApi<{ tokens: { label: string }[] }>(base, token, 'GET', path);
      return tokens.map(({ label }) => label).sort();
    };
    const make = (base: string, label: string) =>
      callApi(base, token, 'POST', '/api/v1/admin/tokens', { label, role: 'viewer' });
    await make(others[0].url, 'before');
    paused.signal('SIGSTOP');
    // Whether this one was done nobody can know; it gets an answer that says so.
    const lost = make(others[1].url, 'lost').then(
      () => 'done',
      (error: Error) => error.message,
    );
    const next = await Promise.race(others.map(other => other.leads.then(() => other)));
    expect(await lost).toMatch(/replica\.(answer-lost|no-leader)/);
    await ready(...others);
    await make(next.url, 'after');

    // What lies in its sockets it reads now.
    paused.signal('SIGCONT');
    expect(await paused.ended).toBe(2);
    expect(paused.said()).toMatch(/^Another replica took the lead/m);
    for (const { url } of others) expect(await labels(url)).toEqual(['after', 'before', 'test']);
    const audit = await callApi(next.url, token, 'GET', '/api/v1/admin/audit');
    expect(audit).toMatchObject({ intact: true });
  });

  it('by its connection to PostgreSQL alone, it keeps the lead', async () => {
    const leader = await world.start();
    const token = await lastingToken(await leader.leads);
    const follower = await world.start();
    await ready(follower);
    await ask(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
    await until(
      () => callApi(follower.url, token, 'POST', '/api/v1/admin/tokens', { label: 'after', role: 'viewer' }),
      () => true,
    );
    // Longer than others wait for it to come back.
    await new Promise(resolve => setTimeout(resolve, 5_000));
    const [row] = await ask<{ epoch: string; url: string }>('select epoch, url from engine_lease');
    expect(row).toEqual({ epoch: '1', url: leader.url });
    expect(follower.said()).not.toMatch(/leads on/);
  });

  it('by being asked to end, it hands over at once', async () => {
    const leader = await world.start();
    const token = await lastingToken(await leader.leads);
    const follower = await world.start();
    await ready(follower);
    leader.signal('SIGTERM');
    // Asked in the middle of it: waits for the next leader.
    const path = '/api/v1/admin/tokens';
    await callApi(follower.url, token, 'GET', path);
    expect(await leader.ended).toBe(0);
    await follower.leads;
    await callApi(follower.url, token, 'GET', path);
  });

  it('the next one needs the same data folder', async () => {
    const leader = await world.start();
    await leader.leads;
    await until(
      () => ask<{ folder: string | null }>('select folder from engine_lease'),
      ([row]) => row?.folder !== null,
    );
    await expect(world.start('--data', join(world.data, 'another'))).rejects.toThrow(
      /The data folder \S+ is not the one of the other replicas\. Give every replica the same --data/,
    );
  });
});
