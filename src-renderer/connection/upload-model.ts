import { type Model, modelUploadPath } from '../../common/contracts/index.ts';
import { type Address, authorization } from './api-client.ts';
import { errorOfAnswer, unreachable } from './api-error.ts';

/** What an upload tells and hears while it runs. */
export interface UploadOptions {
  /** Ends it; the server then throws away what has arrived. */
  readonly signal: AbortSignal;
  /** Bytes that have left, of all bytes of the form. */
  readonly onProgress: (sent: number, total: number) => void;
  /** Every byte has left: the server now reads the file. */
  readonly onSent: () => void;
}

/**
 * Sends a model file, with a manifest (JSON text) where one lies beside it. Resolves with the version that it became.
 * @throws ApiError with the server's words; the reason of the signal when it was ended
 */
export function uploadModel(
  address: Address,
  file: File,
  manifest: string | undefined,
  { signal, onProgress, onSent }: UploadOptions,
): Promise<Model> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    // The server streams the file as it comes, so the manifest has to be there before.
    if (manifest !== undefined) form.append('manifest', manifest);
    form.append('file', file, file.name);
    // fetch does not tell how much of a body has left.
    const request = new XMLHttpRequest();
    request.open('POST', address.baseUrl + modelUploadPath);
    for (const [name, value] of Object.entries(authorization(address))) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', event => {
      if (event.lengthComputable) onProgress(event.loaded, event.total);
    });
    request.upload.addEventListener('load', onSent);
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as Model);
      else reject(errorOfAnswer(request.status, request.responseText));
    });
    request.addEventListener('error', () => reject(unreachable()));
    request.addEventListener('abort', () => reject(signal.reason));
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}
