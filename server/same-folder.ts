import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../common/errors.ts';
import { type LeaderWatch, newId, type PostgresLease } from './platform/index.ts';

/** Lies in the data folder of replicas, so that each can see that it is the folder of the others. */
const FILE = 'replicas-folder';

/**
 * Replicas share their data folder: models, engines and archives lie there, and the next leader has to find them.
 * @throws AppError `config.invalid` for a folder that is not the one of the replica that led before
 */
export async function demandSameFolder(data: string, watch: LeaderWatch): Promise<void> {
  // Where the database cannot be read, opening it says so.
  const theirs = await watch.folder().catch(() => null);
  if (theirs === null || theirs === idOf(data)) return;
  throw new AppError('config.invalid', `The data folder ${data} is not the one of the other replicas.`, {
    hint: `Give every replica the same --data, on a volume that all can write to; a folder that was copied on purpose has its file ${FILE}, too.`,
  });
}

/** Marks the folder of a leader as the one to be shared. */
export async function claimFolder(data: string, lease: PostgresLease): Promise<void> {
  let id = idOf(data);
  if (id === undefined) {
    id = newId('folder');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, FILE), id);
  }
  await lease.nameFolder(id);
}

function idOf(data: string): string | undefined {
  const path = join(data, FILE);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
