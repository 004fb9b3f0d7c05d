import type { CatalogRefresh, CatalogRefreshOrder } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Clock, JobQueue, LiveHub, Logger } from '../../platform/index.ts';
import type { Ec2SourceOptions } from '../sources/ec2-source.ts';
import type { Catalog } from './catalog.ts';
import { type CatalogFilesKeeper, openCatalogFiles } from './open-catalog-files.ts';
import { type CatalogAddresses, refreshCatalog } from './refresh-catalog.ts';
import { refreshOfJob } from './refresh-progress.ts';

const REFRESH = 'catalog-refresh';
const REFRESHES_SHOWN = 50;

/** Where the catalog lies, and where it is refreshed from. */
export interface CatalogFiles {
  /** What ships with the product. */
  readonly snapshotFile: string;
  /** Where refreshed layers and commitments are kept. */
  readonly folder: string;
  readonly addresses: CatalogAddresses;
}

interface CatalogParts extends CatalogFiles {
  readonly ec2: Ec2SourceOptions;
  readonly jobs: JobQueue;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What changes the catalog. */
export interface CatalogKeeper extends CatalogFilesKeeper {
  /** Starts a refresh; one that is asked for the same and runs already is returned instead. */
  refresh(order: Required<CatalogRefreshOrder>): Promise<CatalogRefresh>;
  getRefresh(jobId: string): Promise<CatalogRefresh>;
  listRefreshes(): Promise<CatalogRefresh[]>;
  cancelRefresh(jobId: string): Promise<CatalogRefresh>;
}

/** The catalog of an engine: its files, and refreshes of them as jobs. @throws AppError as `openCatalogFiles` */
export async function createCatalog(
  parts: CatalogParts,
): Promise<{ catalog: Catalog; keeper: CatalogKeeper }> {
  const { jobs, live } = parts;
  const { catalog, keeper } = await openCatalogFiles(parts);
  jobs.define(
    REFRESH,
    context => refreshCatalog({ ...parts, putLayer: keeper.putLayer }, context),
    job => live.publish('catalog-refreshes', job.id, refreshOfJob(job)),
  );
  const listRefreshes = async () => (await jobs.list(REFRESH, REFRESHES_SHOWN)).map(refreshOfJob);
  live.define('catalog-refreshes', async () =>
    (await listRefreshes()).map(refresh => ({ key: refresh.jobId, value: refresh })),
  );
  const getRefresh = async (jobId: string) => {
    const job = await jobs.get(jobId);
    if (job?.kind !== REFRESH) throw new AppError('resource.not-found', `There is no refresh "${jobId}".`);
    return refreshOfJob(job);
  };
  return {
    catalog,
    keeper: {
      ...keeper,
      refresh: async order =>
        refreshOfJob(await jobs.enqueue(REFRESH, JSON.stringify([order.parts, order.regions]), order)),
      getRefresh,
      listRefreshes,
      cancelRefresh: async jobId => {
        await getRefresh(jobId);
        await jobs.cancel(jobId);
        return getRefresh(jobId);
      },
    },
  };
}
