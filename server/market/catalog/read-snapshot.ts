import { readFile } from 'node:fs/promises';
import { AppError } from '../../../common/errors.ts';
import type { CatalogLayer } from './catalog-layers.ts';
import { decodeLayer, type LayerFile } from './layer-codec.ts';

/** Version of the layout; a snapshot of another one is refused. */
export const SNAPSHOT_FORMAT = 'cloudoptim-catalog/1';

interface SnapshotFile {
  readonly format: string;
  readonly layers: readonly LayerFile[];
}

/**
 * Reads the catalog that ships with the product. Its text is read at once, so that a missing file shows at the start, and
 * is decoded when somebody asks for the first time: a start needs none of it. Its figures are checked by a test of the
 * repository and not again at each start.
 * @throws AppError `config.invalid` when the file cannot be read; what it returns throws the same for a file that is no snapshot
 */
export async function readSnapshot(path: string): Promise<() => readonly CatalogLayer[]> {
  const unusable = (cause: unknown) =>
    new AppError('config.invalid', `The instance catalog ${path} cannot be read.`, {
      cause,
      hint: 'Install CloudOptim anew; the file is part of it.',
    });
  let text: string | undefined = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unusable(cause);
  });
  let layers: readonly CatalogLayer[] | undefined;
  return () => {
    if (layers) return layers;
    try {
      const file = JSON.parse(text ?? '') as SnapshotFile;
      if (file.format !== SNAPSHOT_FORMAT) throw new Error(`its format is ${file.format}`);
      layers = file.layers.map(decodeLayer);
    } catch (cause) {
      throw unusable(cause);
    }
    text = undefined;
    return layers;
  };
}
