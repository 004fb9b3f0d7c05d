import { useSyncExternalStore } from 'react';
import { createModelUploads, type Upload } from './model-uploads.ts';
import { uploadModel } from './upload-model.ts';

/** The uploads of this window. */
export const modelUploads = createModelUploads(Date.now, uploadModel);

/** The uploads as they are now, newest last. */
export function useModelUploads(): readonly Upload[] {
  return useSyncExternalStore(modelUploads.onChange, modelUploads.list);
}
