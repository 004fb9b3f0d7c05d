import type { Model, ModelFileKind } from '../../common/contracts/index.ts';

/** What a downloaded file is called: letters that every system and header takes. */
export function downloadName({ manifest, original }: Model, kind: ModelFileKind): string {
  const plain = (text: string) => text.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '');
  if (kind === 'original') return plain(original.fileName) || 'model';
  const name = plain(`${manifest.name}-${manifest.version}`) || 'model';
  return kind === 'onnx' ? `${name}.onnx` : `${name}.manifest.json`;
}
