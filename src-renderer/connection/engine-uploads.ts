import { useSyncExternalStore } from 'react';
import { type Engine, engineUploadPath } from '../../common/contracts/index.ts';
import type { Address } from './api-client.ts';
import { pairFiles } from './pair-files.ts';
import { uploadFile } from './upload-file.ts';

/** An engine on its way, or how that ended. */
export type EngineUpload = { readonly id: number; readonly fileName: string } & (
  | { readonly phase: 'checking' }
  | { readonly phase: 'done'; readonly engine: Engine }
  | { readonly phase: 'failed'; readonly error: unknown }
);

let uploads: readonly EngineUpload[] = [];
let lastId = 0;
let queue = Promise.resolve();
const listeners = new Set<() => void>();

const show = (next: readonly EngineUpload[]) => {
  uploads = next;
  for (const listener of listeners) listener();
};

/** Uploads of engines of this window. They go on when the page is left; one is checked at a time. */
export const engineUploads = {
  /** Uploads the engines among the files, each with the manifest beside it. */
  offer: async (address: Address, files: readonly File[]): Promise<void> => {
    for (const { file, manifest } of await pairFiles(files)) {
      const id = ++lastId;
      const settle = (outcome: EngineUpload) => show(uploads.map(one => (one.id === id ? outcome : one)));
      show([...uploads, { id, fileName: file.name, phase: 'checking' }]);
      const options = {
        signal: new AbortController().signal,
        onProgress: () => undefined,
        onSent: () => undefined,
      };
      queue = queue
        .then(() => uploadFile<Engine>(address, engineUploadPath, file, manifest, options))
        .then(
          engine => settle({ id, fileName: file.name, phase: 'done', engine }),
          (error: unknown) => settle({ id, fileName: file.name, phase: 'failed', error }),
        );
    }
  },
  /** Puts the outcome of an upload away. */
  dismiss: (id: number): void => show(uploads.filter(one => one.id !== id)),
};

/** The uploads as they are now, newest last. */
export function useEngineUploads(): readonly EngineUpload[] {
  return useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );
}
