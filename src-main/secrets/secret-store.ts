import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import type { SafeStorage } from 'electron';
import type { SecretProtection } from '../../common/desktop-bridge.ts';

/** What of Electron's safeStorage is used: the calls that do not hold the window while a keychain asks its owner. */
export type KeychainStorage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/**
 * Secrets of the app, such as the token of a remote server: in a file of its folder, encrypted with a key that the keychain of the system holds.
 * For the main process alone; no window gets one.
 */
export class SecretStore {
  readonly #file: string;
  readonly #storage: KeychainStorage;
  readonly #platform: NodeJS.Platform;
  /** One change after the other, so that none undoes another. */
  #changing: Promise<unknown> = Promise.resolve();

  /** @param storage that of Electron, once the app is ready */
  constructor(file: string, storage: KeychainStorage, platform: NodeJS.Platform) {
    this.#file = file;
    this.#storage = storage;
    this.#platform = platform;
  }

  /** How well secrets are kept here, and whether there are any. */
  async protection(): Promise<SecretProtection> {
    return { by: await this.#protectedBy(), hasSecrets: Object.keys(await this.#read()).length > 0 };
  }

  /** Keeps a secret, instead of what had this name. @throws Error with one sentence where there is no keychain: it is then not kept at all */
  keepSecret(name: string, value: string): Promise<void> {
    return this.#change(async kept => {
      if ((await this.#protectedBy()) === 'nothing')
        throw new Error('This system has no keychain that can be used, so the secret is not kept.');
      return { ...kept, [name]: (await this.#storage.encryptStringAsync(value)).toString('base64') };
    });
  }

  /** A secret; `undefined` where none of this name is kept, and where the keychain does not open it any more. */
  async secret(name: string): Promise<string | undefined> {
    const encrypted = (await this.#read())[name];
    if (encrypted === undefined) return undefined;
    try {
      const { result, shouldReEncrypt } = await this.#storage.decryptStringAsync(
        Buffer.from(encrypted, 'base64'),
      );
      if (shouldReEncrypt) await this.keepSecret(name, result);
      return result;
    } catch {
      return undefined;
    }
  }

  /** Keeps a secret no longer. Does nothing where there is none of this name. */
  forgetSecret(name: string): Promise<void> {
    return this.#change(async kept =>
      Object.fromEntries(Object.entries(kept).filter(([one]) => one !== name)),
    );
  }

  async #protectedBy(): Promise<SecretProtection['by']> {
    if (!(await this.#storage.isAsyncEncryptionAvailable())) return 'nothing';
    // With this backend the key is the same on every machine.
    const isPlain = this.#platform === 'linux' && this.#storage.getSelectedStorageBackend() === 'basic_text';
    return isPlain ? 'plain-text' : 'keychain';
  }

  #change(
    change: (kept: Readonly<Record<string, string>>) => Promise<Record<string, string>>,
  ): Promise<void> {
    const changed = this.#changing.then(async () => this.#write(await change(await this.#read())));
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  async #read(): Promise<Readonly<Record<string, string>>> {
    try {
      const read: unknown = JSON.parse(await readFile(this.#file, 'utf8'));
      const entries = typeof read === 'object' && read !== null ? Object.entries(read) : [];
      return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string'));
    } catch {
      return {};
    }
  }

  /** Writes beside the file first: a crash leaves the old secrets or the new ones. */
  async #write(kept: Readonly<Record<string, string>>): Promise<void> {
    const fresh = `${this.#file}.new`;
    await writeFile(fresh, JSON.stringify(kept), { mode: 0o600 });
    // One that a crash left there has the mode that it had.
    await chmod(fresh, 0o600);
    await rename(fresh, this.#file);
  }
}
