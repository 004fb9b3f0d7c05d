import type { Address } from './api-client.ts';
import { type UploadOptions, uploadForm } from './upload-form.ts';

/** Sends a model or an engine, with a manifest (JSON text) where one lies beside it. Resolves with what it became. */
export function uploadFile<Result>(
  address: Address,
  path: string,
  file: File,
  manifest: string | undefined,
  options: UploadOptions,
): Promise<Result> {
  const form = new FormData();
  // The server streams the file as it comes, so the manifest has to be there before.
  if (manifest !== undefined) form.append('manifest', manifest);
  form.append('file', file, file.name);
  return uploadForm(address, path, form, options);
}
