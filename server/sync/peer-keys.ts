import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Keys of servers, each in a file that only this user may read. They are not in the database: copies of that are handed around, and
 * unlike the keys that others show to this engine, these have to be kept as they are.
 */
export class PeerKeys {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async keep(serverId: string, key: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#path(serverId);
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(key);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }

  /** `undefined` where the file is gone, e.g. after a move of the database alone. */
  async read(serverId: string): Promise<string | undefined> {
    return readFile(this.#path(serverId), 'utf8').catch(() => undefined);
  }

  async forget(serverId: string): Promise<void> {
    await rm(this.#path(serverId), { force: true });
  }

  #path(serverId: string): string {
    return join(this.#folder, `${serverId}.key`);
  }
}
