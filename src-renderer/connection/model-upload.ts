import { useSyncExternalStore } from 'react';
import type { Model } from '../../common/contracts/index.ts';
import type { Address } from './api-client.ts';
import { uploadModel } from './upload-model.ts';

/** The upload that runs or ended last; it goes on when the page is left. */
export type UploadState =
  | { readonly phase: 'none' }
  | { readonly phase: 'sending'; readonly fileName: string; readonly share: number }
  | { readonly phase: 'done'; readonly model: Model }
  | { readonly phase: 'failed'; readonly fileName: string; readonly error: unknown };

let state: UploadState = { phase: 'none' };
const listeners = new Set<() => void>();

function show(next: UploadState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** The state of the upload. */
export function useModelUpload(): UploadState {
  return useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Uploads the model among the files, with the `.json` beside it as manifest. One upload at a time. */
export async function offerModelFile(address: Address, files: readonly File[]): Promise<void> {
  if (state.phase === 'sending') return;
  const isManifest = ({ name }: File) => name.toLowerCase().endsWith('.json');
  const file = files.find(each => !isManifest(each)) ?? files[0];
  if (!file) return;
  const fileName = file.name;
  show({ phase: 'sending', fileName, share: 0 });
  try {
    const manifest = await files.find(each => isManifest(each) && each !== file)?.text();
    const onProgress = (share: number) => show({ phase: 'sending', fileName, share });
    show({ phase: 'done', model: await uploadModel(address, file, manifest, onProgress) });
  } catch (error) {
    show({ phase: 'failed', fileName, error });
  }
}

/** Puts the outcome of the last upload away. */
export function dismissUpload(): void {
  if (state.phase !== 'sending') show({ phase: 'none' });
}
