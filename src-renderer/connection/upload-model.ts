import { type Model, modelUploadPath } from '../../common/contracts/index.ts';
import { type Address, authorization } from './api-client.ts';
import { errorOfAnswer, unreachable } from './api-error.ts';

/**
 * Sends a model file, with a manifest (JSON text) where the file holds none. `onProgress` gets 0…1 while bytes leave.
 * Resolves with the model and its verdict. @throws ApiError
 */
export function uploadModel(
  address: Address,
  file: File,
  manifest: string | undefined,
  onProgress: (share: number) => void,
): Promise<Model> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    // The server streams the file as it comes, so the manifest has to be there before.
    if (manifest !== undefined) form.append('manifest', manifest);
    form.append('file', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', address.baseUrl + modelUploadPath);
    for (const [name, value] of Object.entries(authorization(address))) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', event => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve(modelOf(request.responseText));
      else reject(errorOfAnswer(request.status, request.responseText));
    });
    request.addEventListener('error', () => reject(unreachable()));
    request.send(form);
  });
}

function modelOf(text: string): Model {
  const body = JSON.parse(text) as Model | { model: Model };
  return 'model' in body ? body.model : body;
}
