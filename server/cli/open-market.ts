import { join } from 'node:path';
import { allMigrations } from '../engine.ts';
import { createMarket, type Market } from '../market/index.ts';
import { createLog, JobQueue, LiveHub, loadSettings, openDatabase, systemClock } from '../platform/index.ts';

const root = join(import.meta.dirname, '..', '..');

/** A market room on a data folder, without an engine around it. */
export interface OpenMarket {
  readonly market: Market;
  /** Takes up work that waits in the queue, also what an engine left. */
  startJobs(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the prices of a data folder for a command.
 * @throws AppError `storage.in-use` while an engine runs on the folder, `config.invalid` for a wrong flag
 */
export async function openMarket(flags: { data?: string; ec2Endpoint?: string }): Promise<OpenMarket> {
  const settings = loadSettings(flags, process.env);
  const database = await openDatabase(settings, allMigrations);
  const log = createLog('silent');
  const jobs = new JobQueue(database, systemClock, log);
  const market = await createMarket({
    database,
    jobs,
    live: new LiveHub(),
    clock: systemClock,
    log,
    catalog: {
      snapshotFile: join(root, 'resources', 'catalog', 'snapshot.json'),
      folder: join(settings.data, 'catalog'),
      addresses: settings,
    },
    importsFolder: join(settings.data, 'imports'),
    ec2: { endpoint: settings.ec2Endpoint, profile: settings.awsProfile },
    needOfModel: async () => undefined,
  });
  await market.start();
  return {
    market,
    startJobs: () => jobs.start(),
    close: async () => {
      await jobs.stop();
      await market.stop();
      await database.close();
    },
  };
}
