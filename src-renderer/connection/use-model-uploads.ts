import { useEffect, useSyncExternalStore } from 'react';
import { api, type Model, modelUploadPath } from '../../common/contracts/index.ts';
import { createModelUploads, type Upload } from './model-uploads.ts';
import { uploadFile } from './upload-file.ts';
import { useRead } from './use-call.ts';

/** The uploads of this window. */
export const modelUploads = createModelUploads(Date.now, (address, ...sent) =>
  uploadFile<Model>(address, modelUploadPath, ...sent),
);

/** The uploads as they are now, newest last. */
export function useModelUploads(): readonly Upload[] {
  return useSyncExternalStore(modelUploads.onChange, modelUploads.list);
}

/** Takes up what waits on the server for its manifest, so that a reload loses nothing. */
export function useWaitingDrafts(): void {
  const { data } = useRead(api.models.listDrafts, {});
  useEffect(() => {
    if (data) modelUploads.restore(data.drafts);
  }, [data]);
}
