/**
 * A process that fills a gap as the engine does: database, job queue and market room, nothing else. Arguments as JSON:
 * see `FillOrder`. Prints a JSON line for each progress, with its most memory so far, and ends when the fill has ended.
 */
import { join } from 'node:path';
import type { FillProgress } from '../../common/contracts/index.ts';
import { createMarket, marketMigrations } from '../../server/market/index.ts';
import {
  createLog,
  DatabaseUrl,
  JobQueue,
  jobMigrations,
  LiveHub,
  openDatabase,
} from '../../server/platform/index.ts';
import { catalogFilesOfTest } from './catalog-files-of-test.ts';

/** What is to be filled. */
export interface FillOrder {
  readonly folder: string;
  /** A PostgreSQL database instead of a file in the folder. */
  readonly databaseUrl?: string;
  readonly endpoint: string;
  readonly region: string;
  readonly products: string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** How far the clock is behind the machine's. */
  readonly behindMs: number;
}

/** What the process prints. */
export interface ToldProgress extends FillProgress {
  /** The most memory of the process so far. */
  readonly peakMib: number;
}

const order = JSON.parse(process.argv[2] ?? '') as FillOrder;
const clock = { now: () => Date.now() - order.behindMs };
const log = createLog('warn');
const database = await openDatabase(
  { data: order.folder, databaseUrl: order.databaseUrl ? new DatabaseUrl(order.databaseUrl) : undefined },
  { ...jobMigrations, ...marketMigrations },
);
const jobs = new JobQueue(database, clock, log);
const market = await createMarket({
  database,
  jobs,
  live: new LiveHub(),
  clock,
  log,
  catalog: catalogFilesOfTest(order.folder),
  importsFolder: join(order.folder, 'imports'),
  ec2: { endpoint: order.endpoint, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } },
  needOfModel: async () => undefined,
});
await market.start();
await jobs.start();
// A job that a kill interrupted is running again by now; the same scope gives that very job.
const scope = { regions: [order.region], products: order.products, instanceTypes: [] };
const { jobId } = await market.fill({ scope, fromMs: order.fromMs, toMs: order.toMs });
for (;;) {
  // As a page that shows pools does: it counts what changed, in transactions between those of the fill.
  await market.listPools({ product: order.products[0] ?? '', limit: 1 });
  const progress = await market.getFill(jobId);
  const told: ToldProgress = { ...progress, peakMib: process.resourceUsage().maxRSS / 1024 };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  if (!['queued', 'running'].includes(progress.state)) break;
  await new Promise(resolve => setTimeout(resolve, 100));
}
await market.listPools({ product: order.products[0] ?? '', limit: 1 });
await jobs.stop();
await market.stop();
await database.close();
