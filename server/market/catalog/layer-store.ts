import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { checkLayerFile, type LayerFile } from './layer-codec.ts';

const COMMITMENTS_FILE = 'commitments.json';
const LAYER_FILE = /^(types|on-demand|advisor)(-[a-z0-9-]+)?\.json$/;

/** A refresh that knows less than this part of what it replaces is more likely cut off than true. */
const LEAST_SHARE = 0.5;

/**
 * Files of the catalog in the data folder: a layer for each kind and region, and the commitments. Each is written beside
 * the old one and then takes its place, so that a kill leaves the one or the other whole.
 */
export class LayerStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Texts of the layers that were refreshed or imported, by path; none when the folder is not there. */
  async readLayers(): Promise<Map<string, string>> {
    const names = await readdir(this.#folder).catch(() => [] as string[]);
    const texts = new Map<string, string>();
    for (const name of names.filter(one => LAYER_FILE.test(one)).sort()) {
      const path = join(this.#folder, name);
      texts.set(path, await readFile(path, 'utf8'));
    }
    return texts;
  }

  /**
   * Puts a layer in the place of the older one of its kind and region.
   * @throws AppError `input.invalid` when it knows less than half of what the older one knows; that one stays
   */
  async writeLayer(layer: LayerFile, region: string | null): Promise<void> {
    const path = join(this.#folder, `${layer.kind}${region === null ? '' : `-${region}`}.json`);
    const old = await readFile(path, 'utf8').catch(() => undefined);
    const text = JSON.stringify(layer);
    const figures = figuresIn(checkLayerFile(JSON.parse(text), path));
    const before = old === undefined ? 0 : figuresOfText(old, path);
    if (figures < before * LEAST_SHARE) {
      throw new AppError(
        'input.invalid',
        `It has ${figures} figures where the one in use has ${before}, so it was not taken.`,
        { hint: `If that is really so, remove ${path} and refresh again.` },
      );
    }
    await this.#replace(path, text);
  }

  /** What `writeCommitments` wrote; `undefined` when there is none. */
  async readCommitments(): Promise<unknown> {
    const path = join(this.#folder, COMMITMENTS_FILE);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new AppError('storage.damaged', `The commitments file ${path} is no JSON.`, { cause });
    }
  }

  async writeCommitments(value: unknown): Promise<void> {
    await this.#replace(join(this.#folder, COMMITMENTS_FILE), JSON.stringify(value));
  }

  async deleteCommitments(): Promise<void> {
    await rm(join(this.#folder, COMMITMENTS_FILE), { force: true });
    await this.#syncFolder();
  }

  async #replace(path: string, text: string): Promise<void> {
    const fresh = `${path}.new`;
    try {
      await mkdir(this.#folder, { recursive: true });
      const file = await open(fresh, 'w', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
      await this.#syncFolder();
    } catch (cause) {
      throw new AppError('storage.unwritable', `${path} cannot be written.`, { cause });
    }
  }

  /** The new name is on disk only with its folder. Windows has no such call and needs none. */
  async #syncFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(this.#folder, 'r').catch(() => undefined);
    await folder?.sync();
    await folder?.close();
  }
}

/** How much a layer knows: types, prices, or pieces of advice. */
export function figuresIn(layer: LayerFile): number {
  switch (layer.kind) {
    case 'types':
      return layer.columns.instanceType?.length ?? 0;
    case 'on-demand':
      return Object.values(layer.prices).reduce((sum, of) => sum + Object.keys(of).length, 0);
    case 'advisor':
      return Object.values(layer.regions)
        .flatMap(of => Object.values(of))
        .reduce((sum, packed) => sum + (packed.match(/[^.]{2}/g)?.length ?? 0), 0);
    default:
      return layer.instanceTypes.length;
  }
}

/** A damaged old one has nothing to lose. */
function figuresOfText(text: string, path: string): number {
  try {
    return figuresIn(checkLayerFile(JSON.parse(text), path));
  } catch {
    return 0;
  }
}
