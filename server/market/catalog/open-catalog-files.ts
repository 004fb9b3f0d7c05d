import type { CatalogImport, CommitmentsSummary } from '../../../common/contracts/index.ts';
import { parseTime } from '../../../common/units/index.ts';
import type { Clock, Logger } from '../../platform/index.ts';
import { type Catalog, catalogOf } from './catalog.ts';
import type { CatalogLayer } from './catalog-layers.ts';
import type { Commitments } from './commitments/commitments.ts';
import { readCommitments } from './commitments/commitments-file.ts';
import { commitmentsFromText } from './commitments/commitments-from-text.ts';
import { summaryOfCommitments } from './commitments/commitments-summary.ts';
import { readCatalogFile } from './import-catalog-file.ts';
import { checkLayerFile, decodeLayer, type LayerFile } from './layer-codec.ts';
import { LayerStore } from './layer-store.ts';
import { readSnapshot } from './read-snapshot.ts';

/** Changes of the catalog that need no network. */
export interface CatalogFilesKeeper {
  /** Takes a file that AWS publishes in. @throws AppError `input.invalid`; the old figures stay then */
  importFile(source: AsyncIterable<Uint8Array>): Promise<CatalogImport>;
  /** Puts a layer over the older one of its kind and region. @throws AppError when it is not taken; the old one stays */
  putLayer(layer: LayerFile, region: string | null): Promise<void>;
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
export async function openCatalogFiles(parts: {
  readonly snapshotFile: string;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<{ catalog: Catalog; keeper: CatalogFilesKeeper }> {
  const { clock, log } = parts;
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

  const keeper: CatalogFilesKeeper = {
    importFile: async source => {
      const { layer, region, summary } = await readCatalogFile(source, new Date(clock.now()).toISOString());
      await keeper.putLayer(layer, region);
      return { ...summary, asOf: parseTime(summary.asOf) ?? clock.now() };
    },
    putLayer: async (layer, region) => {
      await store.writeLayer(layer, region);
      texts = await store.readLayers();
      tellChange();
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
      log.warn({ path, err: error }, 'a layer of the catalog is damaged and left out');
      return [];
    }
  });
}

async function storedCommitments(store: LayerStore, log: Logger): Promise<Commitments | undefined> {
  try {
    const file = await store.readCommitments();
    return file === undefined ? undefined : readCommitments(file);
  } catch (error) {
    log.warn({ err: error }, 'the commitments are damaged and left out; list prices hold');
    return undefined;
  }
}
