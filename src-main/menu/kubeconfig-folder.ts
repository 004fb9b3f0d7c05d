import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** The folder of kubeconfigs that the person chose; remembered in a file of the app. */
export class KubeconfigFolder {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** `undefined` where none was chosen, and where the file is damaged. */
  read(): string | undefined {
    try {
      const { folder } = JSON.parse(readFileSync(this.#file, 'utf8')) as { readonly folder?: unknown };
      return typeof folder === 'string' && isAbsolute(folder) ? folder : undefined;
    } catch {
      return undefined;
    }
  }

  /** Writes beside the file first: a crash leaves the old choice or the new one. @throws what the file system says */
  keep(folder: string | undefined): void {
    if (folder === undefined) {
      rmSync(this.#file, { force: true });
      return;
    }
    writeFileSync(`${this.#file}.new`, JSON.stringify({ folder }));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
