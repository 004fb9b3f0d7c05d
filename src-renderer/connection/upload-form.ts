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
 * Sends a form with a file to a route that streams. Resolves with the server's answer.
 * @throws ApiError with the server's words; the reason of the signal when it was ended
 */
export function uploadForm<Answer>(
  address: Address,
  path: string,
  form: FormData,
  { signal, onProgress, onSent }: UploadOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // fetch does not tell how much of a body has left.
    const request = new XMLHttpRequest();
    request.open('POST', address.baseUrl + path);
    for (const [name, value] of Object.entries(authorization(address))) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', event => {
      if (event.lengthComputable) onProgress(event.loaded, event.total);
    });
    request.upload.addEventListener('load', onSent);
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as Answer);
      else reject(errorOfAnswer(request.status, request.responseText));
    });
    request.addEventListener('error', () => reject(unreachable()));
    request.addEventListener('abort', () => reject(signal.reason));
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}
