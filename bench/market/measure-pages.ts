import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DescribeSpotPriceHistoryCommand, EC2Client } from '@aws-sdk/client-ec2';
import BetterSqlite3 from 'better-sqlite3';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { Ec2Source, marketMigrations, PoolStore, PriceStore } from '../../server/market/index.ts';
import { openSqlite } from '../../server/platform/index.ts';
import { figureLine, ratioLine, spreadOf } from '../figures.ts';
import { endMs, inFolder, PAGE, timeOf } from './bench-market.ts';

const RUNS = 5;
const PAGES_A_SECOND = 20;
const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };

interface Run {
  readonly pages: number;
  readonly rows: number;
  readonly ms: number;
  readonly cpuMs: number;
}

/**
 * A page from request to commit, one after the other: through the room, through the room with the SDK's own reader, and
 * as a program that uses the SDK would do it, with a prepared statement, a commit for each page and a key that begins
 * with the pool. The server is another process, and gives pages that were made before.
 */
export async function measurePages(): Promise<void> {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'page-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  const { url, region } = JSON.parse(line) as { url: string; region: string };
  const question = { region, product: 'Linux/UNIX', fromMs: endMs - 90 * MS_PER_DAY, toMs: endMs };
  const kinds = {
    room: () => inFolder(folder => throughRoom(folder, url, question, 'bytes')),
    sdkRead: () => inFolder(folder => throughRoom(folder, url, question, 'sdk')),
    naive: () => inFolder(folder => throughSdk(folder, url, question)),
  };
  const runs: Record<keyof typeof kinds, Run[]> = { room: [], sdkRead: [], naive: [] };
  for (let run = 0; run <= RUNS; run++) {
    for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
      const result = await kinds[kind]();
      // The first round warms all of them up.
      if (run > 0) runs[kind].push(result);
    }
  }
  server.stdin.end();
  await once(server, 'exit');
  const rows = new Set(Object.values(runs).flatMap(list => list.map(run => run.rows)));
  if (rows.size !== 1) throw new Error(`The rows stored differ: ${[...rows].join(', ')}.`);
  const perPage = (kind: keyof typeof kinds, of: 'ms' | 'cpuMs') =>
    spreadOf(runs[kind].map(run => run[of] / run.pages));
  const [room, sdkRead, naive] = [perPage('room', 'ms'), perPage('sdkRead', 'ms'), perPage('naive', 'ms')];
  const cpu = perPage('room', 'cpuMs');
  process.stdout.write(
    [
      `${runs.room[0]?.pages} pages, ${[...rows][0]} rows, ${RUNS} runs`,
      figureLine('page through the room', room, 'ms'),
      figureLine('page through the room, read by the SDK', sdkRead, 'ms'),
      figureLine('page through the SDK, prepared, pool-first', naive, 'ms'),
      ratioLine('SDK and prepared / room with the SDK’s reader', naive.median / sdkRead.median),
      ratioLine('SDK and prepared / room', naive.median / room.median),
      ratioLine('the same in processor time', perPage('naive', 'cpuMs').median / cpu.median),
      figureLine(
        `processor at ${PAGES_A_SECOND} pages/s, of a core`,
        spreadOf([cpu.min, cpu.median, cpu.max].map(ms => (ms * PAGES_A_SECOND) / 10)),
        '%',
      ),
      '',
    ].join('\n'),
  );
}

interface Question {
  readonly region: string;
  readonly product: string;
  readonly fromMs: number;
  readonly toMs: number;
}

async function throughRoom(
  folder: string,
  url: string,
  question: Question,
  reader: 'bytes' | 'sdk',
): Promise<Run> {
  const database = await openSqlite(folder, marketMigrations);
  const store = new PriceStore(database, new PoolStore(database));
  const source = new Ec2Source(
    { endpoint: url, credentials, reader },
    { now: Date.now },
    Math.random,
    unpaced,
  );
  let pages = 0;
  const time = await timeOf(async () => {
    const asked = { ...question, instanceTypes: [] };
    for await (const page of source.pages(asked, new AbortController().signal)) {
      await store.insertBatch(page.batch);
      pages++;
    }
  });
  const rows = await store.counts.total();
  await source.close();
  await database.close();
  return { pages, rows, ...time };
}

const unpaced = { startPerSecond: 1e6, minPerSecond: 1e6, maxPerSecond: 1e6 };

async function throughSdk(folder: string, url: string, question: Question): Promise<Run> {
  const client = new EC2Client({ region: question.region, endpoint: url, credentials });
  const database = new BetterSqlite3(join(folder, 'naive.sqlite'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    `create table prices (region text, zone text, type text, product text, at integer, price integer,
     primary key (region, zone, type, product, at)) without rowid`,
  );
  const insert = database.prepare('insert into prices values (?, ?, ?, ?, ?, ?) on conflict do nothing');
  let pages = 0;
  const time = await timeOf(async () => {
    let token: string | undefined;
    do {
      const page = await client.send(
        new DescribeSpotPriceHistoryCommand({
          StartTime: new Date(question.fromMs),
          EndTime: new Date(question.toMs - 1_000),
          ProductDescriptions: [question.product],
          MaxResults: PAGE,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      );
      database.transaction(() => {
        for (const item of page.SpotPriceHistory ?? [])
          insert.run(
            question.region,
            item.AvailabilityZone,
            item.InstanceType,
            item.ProductDescription,
            item.Timestamp?.getTime(),
            Math.round(Number(item.SpotPrice) * 1e6),
          );
      })();
      pages++;
      token = page.NextToken || undefined;
    } while (token !== undefined);
  });
  const rows = database.prepare('select count(*) from prices').pluck().get() as number;
  database.close();
  client.destroy();
  return { pages, rows, ...time };
}
