import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMarket, type MarketParts, marketMigrations } from '../../server/market/index.ts';
import { createLog, JobQueue, jobMigrations, LiveHub, openSqlite } from '../../server/platform/index.ts';
import { catalogFilesOfTest } from './catalog-files-of-test.ts';

/** A market room on a database of its own, with what its fills tell to listeners and to dashboards. */
export async function openMarketRoom(endpoint: string, parts: Partial<MarketParts> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-room-'));
  const clock = parts.clock ?? { now: () => Date.now() };
  const database = await openSqlite(folder, { ...jobMigrations, ...marketMigrations });
  const log = createLog('silent');
  const jobs = new JobQueue(database, clock, log);
  const live = new LiveHub();
  const market = await createMarket({
    database,
    jobs,
    live,
    log,
    catalog: catalogFilesOfTest(folder),
    importsFolder: join(folder, 'imports'),
    ec2: { endpoint, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } },
    needOfModel: async () => undefined,
    ...parts,
    clock,
  });
  await market.start();
  await jobs.start();
  const close = async () => {
    await jobs.stop();
    await market.stop();
    await database.close();
    rmSync(folder, { recursive: true });
  };
  return { market, live, database, close };
}
