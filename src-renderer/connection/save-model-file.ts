import { type Model, type ModelFileKind, modelFilePath } from '../../common/contracts/index.ts';
import type { Address } from './api-client.ts';
import { apiPath } from './api-path.ts';
import { saveFile } from './save-file.ts';

/** Lets the reader save a file of a version: what runs, what was uploaded, or its manifest. @throws ApiError */
export function saveModelFile(address: Address, model: Model, kind: ModelFileKind): Promise<void> {
  return saveFile(address, apiPath(modelFilePath, { id: model.id, kind }), fileNameOf(model, kind));
}

function fileNameOf({ manifest, original }: Model, kind: ModelFileKind): string {
  if (kind === 'original') return original.fileName;
  const name = `${manifest.name}-${manifest.version}`.replace(/[^\w.-]+/g, '-');
  return kind === 'onnx' ? `${name}.onnx` : `${name}.manifest.json`;
}
