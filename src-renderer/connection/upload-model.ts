import { type Model, modelUploadPath } from '../../common/contracts/index.ts';
import type { Address } from './api-client.ts';
import { type UploadOptions, uploadForm } from './upload-form.ts';

/** Sends a model file, with a manifest (JSON text) where one lies beside it. Resolves with the version that it became. */
export function uploadModel(
  address: Address,
  file: File,
  manifest: string | undefined,
  options: UploadOptions,
): Promise<Model> {
  const form = new FormData();
  // The server streams the file as it comes, so the manifest has to be there before.
  if (manifest !== undefined) form.append('manifest', manifest);
  form.append('file', file, file.name);
  return uploadForm(address, modelUploadPath, form, options);
}
