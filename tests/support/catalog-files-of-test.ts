import { join } from 'node:path';
import type { CatalogFiles } from '../../server/market/index.ts';

/** The snapshot that ships, with a folder of its own for what is newer, and nowhere to fetch that from. */
export function catalogFilesOfTest(folder: string): CatalogFiles {
  return {
    snapshotFile: join(import.meta.dirname, '../../resources/catalog/snapshot.json'),
    folder: join(folder, 'catalog'),
    addresses: { priceListUrl: 'http://127.0.0.1:9', spotAdvisorUrl: 'http://127.0.0.1:9/feed.json' },
  };
}
