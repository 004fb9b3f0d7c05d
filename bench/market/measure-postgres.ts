import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { batchOf, marketMigrations, PoolStore, PriceStore } from '../../server/market/index.ts';
import { findPostgres } from '../../server/platform/database/testing/find-postgres.ts';
import { PostgresDatabases } from '../../server/platform/database/testing/postgres-databases.ts';
import { DatabaseUrl, openPostgres } from '../../server/platform/index.ts';
import { figureLine, ratioLine, spreadOf } from '../figures.ts';
import { openMarket, PAGE, recordsOfDays, timeOf } from './bench-market.ts';

const RUNS = 3;
const DAYS = 30;
const ROWS_PER_INSERT = 250;

/** How rows get into a table by hand; resolves with how many were new. */
type Insert = (client: pg.Client, keys: readonly number[], prices: readonly number[]) => Promise<number>;

/**
 * Rows into PostgreSQL with a durable commit for each page: the store, a bare `copy` into a table without any key, and the
 * three ways in which the store could put rows into its table, on a table of the same key without partitions.
 */
export async function measurePostgres(): Promise<void> {
  const found = await findPostgres();
  if (found.url === null) {
    process.stdout.write(`no PostgreSQL: ${found.reason}\n`);
    return;
  }
  const databases = new PostgresDatabases(found.url);
  try {
    await measure(databases, found.version);
  } finally {
    await databases.dropAll();
  }
}

async function measure(databases: PostgresDatabases, version: string): Promise<void> {
  const records = recordsOfDays(await openMarket(), DAYS);
  const whole = batchOf(records);
  const keys = Array.from(records, ({ atMs }, index) => {
    const [second, pool] = [atMs / 1_000, whole.poolOf[index] ?? 0];
    return (Math.floor(second / 2 ** 15) * 2 ** 20 + pool) * 2 ** 15 + (second % 2 ** 15);
  });
  const prices = records.map(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour);
  const rates = new Map<string, number[]>();
  const note = (name: string, ms: number) =>
    rates.set(name, [...(rates.get(name) ?? []), records.length / ms]);
  let perRecord = Number.NaN;
  for (let run = 0; run < RUNS; run++) {
    const client = new pg.Client({ connectionString: await databases.create() });
    await client.connect();
    for (const [name, insert] of Object.entries(ways)) {
      await client.query('drop table if exists prices');
      await client.query(
        `create table prices (key bigint ${name === BARE ? 'not null' : 'primary key'}, price integer not null)`,
      );
      await client.query(
        'create temp table if not exists incoming (key bigint, price integer) on commit delete rows',
      );
      let added = 0;
      const { ms } = await timeOf(async () => {
        for (let start = 0; start < keys.length; start += PAGE) {
          await client.query('begin');
          added += await insert(client, keys.slice(start, start + PAGE), prices.slice(start, start + PAGE));
          await client.query('commit');
        }
      });
      if (added !== records.length) throw new Error(`${name}: ${added} rows instead of ${records.length}`);
      note(name, ms);
    }
    await client.end();

    const database = await openPostgres(new DatabaseUrl(await databases.create()), marketMigrations);
    const store = new PriceStore(database, new PoolStore(database));
    let added = 0;
    const { ms } = await timeOf(async () => {
      for (let start = 0; start < records.length; start += PAGE) {
        added += await store.insertBatch({
          pools: whole.pools,
          poolOf: whole.poolOf.subarray(start, start + PAGE),
          atMs: whole.atMs.subarray(start, start + PAGE),
          priceMicroUsdPerHour: whole.priceMicroUsdPerHour.subarray(start, start + PAGE),
        });
      }
    });
    if (added !== records.length || (await store.counts.total()) !== added)
      throw new Error(`${added} rows instead of ${records.length}`);
    note(STORE, ms);
    perRecord = (await store.bytesPerRecord()) ?? Number.NaN;
    await database.close();
    await databases.dropAll();
  }
  const median = (name: string) => spreadOf(rates.get(name) ?? []).median;
  const lines = [
    `PostgreSQL ${version}: ${records.length} rows, ${DAYS} days, a commit for each page, ${RUNS} runs`,
    ...[...rates].map(([name, list]) => figureLine(name, spreadOf(list), 'rows/ms')),
    ...[...rates.keys()]
      .filter(name => name !== BARE)
      .map(name => ratioLine(`${name} / ${BARE}`, median(name) / median(BARE))),
    figureLine('table and index of the store', spreadOf([perRecord]), 'bytes a record'),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const BARE = 'bare copy';
const STORE = 'price store';

const ways: Readonly<Record<string, Insert>> = {
  [BARE]: copyInto('prices'),
  arrays: async (client, keys, prices) => {
    const { rowCount } = await client.query(
      'insert into prices select * from unnest($1::bigint[], $2::integer[]) on conflict do nothing',
      [`{${keys.join(',')}}`, `{${prices.join(',')}}`],
    );
    return rowCount ?? 0;
  },
  values: async (client, keys, prices) => {
    let added = 0;
    for (let start = 0; start < keys.length; start += ROWS_PER_INSERT) {
      const part = keys.slice(start, start + ROWS_PER_INSERT);
      const { rowCount } = await client.query(
        `insert into prices values ${part.map((_, row) => `($${2 * row + 1},$${2 * row + 2})`).join(',')} on conflict do nothing`,
        part.flatMap((key, row) => [key, prices[start + row]]),
      );
      added += rowCount ?? 0;
    }
    return added;
  },
  'copy, then insert': async (client, keys, prices) => {
    await copyInto('incoming')(client, keys, prices);
    const { rowCount } = await client.query(
      'insert into prices select * from incoming on conflict do nothing',
    );
    return rowCount ?? 0;
  },
};

function copyInto(table: string): Insert {
  return async (client, keys, prices) => {
    const text = keys.map((key, row) => `${key}\t${prices[row]}\n`).join('');
    await pipeline(Readable.from([text]), client.query(copyFrom(`copy ${table} from stdin`)));
    return keys.length;
  };
}
