import { join } from 'node:path';
import {
  createPretendMarket,
  openRecordedMarket,
  readInstanceCatalog,
  type SpotMarket,
} from '../../simulator/market/index.ts';

const root = join(import.meta.dirname, '..', '..');

/** The recorded market of a file, or the built-in one: us-east-1, all types of the catalog, three zones. */
export async function openMarketOfTest(recording: string | undefined): Promise<SpotMarket> {
  if (recording !== undefined) return openRecordedMarket(recording);
  const { types } = await readInstanceCatalog(join(root, 'resources/catalog/instance-types.json'));
  const region = 'us-east-1';
  return createPretendMarket({
    seed: 7,
    region,
    types,
    zones: ['a', 'b', 'c'].map(letter => `${region}${letter}`),
  });
}
