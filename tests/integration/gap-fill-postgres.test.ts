import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresDatabases } from '../../server/platform/database/testing/postgres-databases.ts';
import { postgresUrl } from '../../server/platform/database/testing/postgres-url.ts';
import { missingIn, openFillWorld, rowOfKey, seeded } from '../support/fill-world.ts';

const KILLS = 5;

describe.skipIf(postgresUrl === null)(
  '90 days filled into PostgreSQL with five kills',
  {
    timeout: 600_000,
  },
  () => {
    let world: Awaited<ReturnType<typeof openFillWorld>>;
    let databases: PostgresDatabases;
    let url: string;
    beforeAll(async () => {
      databases = new PostgresDatabases(postgresUrl ?? '');
      url = await databases.create();
      world = await openFillWorld('gap-fill-postgres');
    });
    afterAll(async () => {
      await world.close();
      await databases.dropAll();
    });

    async function ask<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query<Row>(text);
      await client.end();
      return rows;
    }

    async function storedRows(): Promise<Set<string>> {
      const pools = await ask<{ id: string; zone: string; type: string; product: string }>(
        'select id, availability_zone as zone, instance_type as type, product from pools',
      );
      const byId = new Map(pools.map(pool => [Number(pool.id), pool]));
      const rows = await ask<{ key: string; micro: number }>(
        'select key, price_micro_usd as micro from spot_prices',
      );
      return new Set(rows.map(({ key, micro }) => rowOfKey(byId, Number(key), micro)));
    }

    it('holds exactly the rows of the window and those in force when it opens', async () => {
      const { isRecording, order, runFill } = world;
      const expected = world.expectedRows();
      const random = seeded(Number(process.env.CLOUDOPTIM_TEST_SEED ?? 1));
      const latest = isRecording ? 0.9 : 0.5;
      const points = Array.from({ length: KILLS }, () => latest * random() * expected.size).sort(
        (a, b) => a - b,
      );
      for (const point of points) {
        const { signal } = await runFill(progress => progress.newRows >= point, url);
        expect(signal).toBe('SIGKILL');
      }
      const half = await storedRows();
      expect(half.size).toBeGreaterThan(0);
      expect(half.size).toBeLessThan(expected.size);
      expect(missingIn(expected, half)).toEqual([]);

      const { last } = await runFill(() => false, url);
      expect(last).toMatchObject({ state: 'succeeded', percent: 100, message: null });
      expect(last.newRows).toBe(expected.size);
      const stored = await storedRows();
      expect(missingIn(stored, expected)).toEqual([]);
      expect(missingIn(expected, stored)).toEqual([]);

      const { fromMs, toMs } = order;
      const coverage = await ask<{ product: string; types: string; from_ms: string; to_ms: string }>(
        'select product, types_key as types, from_ms, to_ms from price_coverage order by product',
      );
      expect(
        coverage.map(row => ({ ...row, from_ms: Number(row.from_ms), to_ms: Number(row.to_ms) })),
      ).toEqual(
        order.products.toSorted().map(product => ({ product, types: '', from_ms: fromMs, to_ms: toMs })),
      );
      const [counts] = await ask<Record<string, string>>(
        `select (select sum(records) from price_stretches)::text as stretches,
         (select count(*) from price_stretches where is_counted = 0)::text as uncounted,
         (select sum(records) from pools)::text as pools, (select count(*) from spot_prices)::text as rows`,
      );
      const all = String(expected.size);
      expect(counts).toEqual({ stretches: all, uncounted: '0', pools: all, rows: all });
      // 90 days are at least seven partitions of twelve days.
      const [{ partitions } = { partitions: '' }] = await ask<{ partitions: string }>(
        `select count(*)::text as partitions from pg_inherits where inhparent = 'spot_prices'::regclass`,
      );
      expect(Number(partitions)).toBeGreaterThanOrEqual(7);
    });

    it('asks for nothing that is there already', async () => {
      const { last } = await world.runFill(() => false, url);
      expect(last).toMatchObject({ state: 'succeeded', percent: 100, rows: 0, requests: 0 });
    });
  },
);
