import type {
  CatalogImport,
  CatalogRefresh,
  CatalogRefreshOrder,
  CommitmentsSummary,
} from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { parseTime } from '../../../common/units/index.ts';
import type { Clock, JobQueue, LiveHub, Logger } from '../../platform/index.ts';
import type { Ec2SourceOptions } from '../sources/ec2-source.ts';
import { type Catalog, catalogOf } from './catalog.ts';
import type { CatalogLayer } from './catalog-layers.ts';
import type { Commitments } from './commitments/commitments.ts';
import { readCommitments } from './commitments/commitments-file.ts';
import { commitmentsFromText } from './commitments/commitments-from-text.ts';
import { summaryOfCommitments } from './commitments/commitments-summary.ts';
import { readCatalogFile } from './import-catalog-file.ts';
import { checkLayerFile, decodeLayer } from './layer-codec.ts';
import { LayerStore } from './layer-store.ts';
import { readSnapshot } from './read-snapshot.ts';
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
export interface CatalogKeeper {
  /** Starts a refresh; one that is asked for the same and runs already is returned instead. */
  refresh(order: Required<CatalogRefreshOrder>): Promise<CatalogRefresh>;
  getRefresh(jobId: string): Promise<CatalogRefresh>;
  listRefreshes(): Promise<CatalogRefresh[]>;
  cancelRefresh(jobId: string): Promise<CatalogRefresh>;
  /** Takes a file that AWS publishes in. @throws AppError `input.invalid`; the old figures stay then */
  importFile(source: AsyncIterable<Uint8Array>): Promise<CatalogImport>;
  /** Takes a commitments file (JSON or CSV) in place of the one before. @throws AppError `input.invalid` */
  putCommitments(text: string): Promise<CommitmentsSummary>;
  deleteCommitments(): Promise<void>;
  /** Hears of each change of any figure. */
  onChanged(listener: () => void): void;
}

/**
 * Opens the catalog: the snapshot, over it what was refreshed or imported, and the commitments. A layer that is damaged is
 * left out with a warning, so that the one beneath serves. Damaged commitments are left out too: list prices hold.
 * @throws AppError `config.invalid` when the snapshot cannot be read
 */
export async function createCatalog(
  parts: CatalogParts,
): Promise<{ catalog: Catalog; keeper: CatalogKeeper }> {
  const { clock, jobs, live, log } = parts;
  const snapshot = await readSnapshot(parts.snapshotFile);
  const store = new LayerStore(parts.folder);
  let texts = await store.readLayers();
  let commitments = await storedCommitments(store, log);
  const listeners = new Set<() => void>();
  const layers = (): CatalogLayer[] => [...snapshot(), ...decodedLayers(texts, log)];
  const { catalog, changed } = catalogOf({ layers, commitments: () => commitments, clock });
  const tellChange = () => {
    changed();
    for (const listener of listeners) listener();
  };
  const reload = async () => {
    texts = await store.readLayers();
    tellChange();
  };

  jobs.define(
    REFRESH,
    context => refreshCatalog({ ...parts, store, onChanged: reload }, context),
    job => live.publish('catalog-refreshes', job.id, refreshOfJob(job)),
  );
  live.define('catalog-refreshes', async () =>
    (await jobs.list(REFRESH, REFRESHES_SHOWN)).map(job => ({ key: job.id, value: refreshOfJob(job) })),
  );
  const knownJob = async (jobId: string) => {
    const job = await jobs.get(jobId);
    if (job?.kind !== REFRESH) throw new AppError('resource.not-found', `There is no refresh "${jobId}".`);
    return job;
  };

  const keeper: CatalogKeeper = {
    refresh: async order =>
      refreshOfJob(await jobs.enqueue(REFRESH, JSON.stringify([order.parts, order.regions]), order)),
    getRefresh: async jobId => refreshOfJob(await knownJob(jobId)),
    listRefreshes: async () => (await jobs.list(REFRESH, REFRESHES_SHOWN)).map(refreshOfJob),
    cancelRefresh: async jobId => {
      await knownJob(jobId);
      await jobs.cancel(jobId);
      return refreshOfJob(await knownJob(jobId));
    },
    importFile: async source => {
      const { layer, region, summary } = await readCatalogFile(source, new Date(clock.now()).toISOString());
      await store.writeLayer(layer, region);
      await reload();
      return { ...summary, asOf: parseTime(summary.asOf) ?? clock.now() };
    },
    putCommitments: async text => {
      const file = commitmentsFromText(text, new Date(clock.now()).toISOString());
      const read = readCommitments(file);
      await store.writeCommitments(file);
      commitments = read;
      tellChange();
      return summaryOfCommitments(read, clock.now());
    },
    deleteCommitments: async () => {
      await store.deleteCommitments();
      commitments = undefined;
      tellChange();
    },
    onChanged: listener => void listeners.add(listener),
  };
  return { catalog, keeper };
}

/** Decoded on each change, not on each question. */
function decodedLayers(texts: ReadonlyMap<string, string>, log: Logger): CatalogLayer[] {
  return [...texts].flatMap(([path, text]) => {
    try {
      return [decodeLayer(checkLayerFile(JSON.parse(text), path))];
    } catch (error) {
      log.warn({ path, error }, 'a layer of the catalog is damaged and left out');
      return [];
    }
  });
}

async function storedCommitments(store: LayerStore, log: Logger): Promise<Commitments | undefined> {
  try {
    const file = await store.readCommitments();
    return file === undefined ? undefined : readCommitments(file);
  } catch (error) {
    log.warn({ error }, 'the commitments are damaged and left out; list prices hold');
    return undefined;
  }
}
