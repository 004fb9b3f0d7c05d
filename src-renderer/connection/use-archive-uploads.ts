import { useSyncExternalStore } from 'react';
import { type ArchiveUpload, createArchiveUploads, uploadArchive } from './archive-uploads.ts';

/** The files of prices that this window sends. */
export const archiveUploads = createArchiveUploads(Date.now, uploadArchive);

/** They as they are now, newest last. */
export function useArchiveUploads(): readonly ArchiveUpload[] {
  return useSyncExternalStore(archiveUploads.onChange, archiveUploads.list);
}
