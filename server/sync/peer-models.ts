import { createHash } from 'node:crypto';
import type { Model, PeerModel } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Models } from '../models/index.ts';

/** What sync needs of the room of models. */
export type SyncedModels = Pick<Models, 'list' | 'readFile' | 'register' | 'discardDraft'>;

/** A model as engines tell each other of it: what was uploaded, never what this engine made of it. */
export function peerModelOf({ original, manifest }: Model): PeerModel {
  return { sha256: original.sha256, bytes: original.bytes, fileName: original.fileName, manifest };
}

/** Models that others may have; what was refused here, or turned out faulty, stays here. */
export async function modelsToShare(models: SyncedModels): Promise<Model[]> {
  return (await models.list()).filter(({ state }) => !['uploaded', 'rejected', 'faulty'].includes(state));
}

/** Two models with the same key are the same file for the same use. */
export function modelKey({ sha256, manifest }: PeerModel): string {
  return createHash('sha256')
    .update(JSON.stringify([sha256, manifest]))
    .digest('hex');
}

/** For people: `"Ridge" 1.2.0`. */
export function modelName({ manifest }: Pick<PeerModel, 'manifest'>): string {
  return `"${manifest.name}" ${manifest.version}`;
}

/** Whether both claim to be the same version. */
export function isSameVersion(a: Pick<PeerModel, 'manifest'>, b: Pick<PeerModel, 'manifest'>): boolean {
  return (
    a.manifest.name.toLowerCase() === b.manifest.name.toLowerCase() &&
    a.manifest.version === b.manifest.version
  );
}

/**
 * Takes a file that is whole into the registry, inspected as any upload is. Resolves with why not, or `undefined`.
 * @throws what is no verdict on the model: a full disk, a damaged store
 */
export async function takeModel(
  models: SyncedModels,
  path: string,
  { fileName, manifest }: PeerModel,
): Promise<string | undefined> {
  try {
    await models.register(path, fileName, JSON.stringify(manifest));
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === 'bug') throw error;
    const { draft } = Object(error.details) as { draft?: { id: string } };
    // Nobody would complete it: the manifest came along.
    if (draft) await models.discardDraft(draft.id);
    if (error.kind !== 'user' && error.code !== 'model.faulty') throw error;
    return error.message;
  }
}
