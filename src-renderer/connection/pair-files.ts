/** What of a file is needed to know its part. */
export interface OfferedFile {
  readonly name: string;
  readonly size: number;
  text(): Promise<string>;
}

/** A model or an engine with the text of its manifest, where one was given beside it. */
export interface FilePair<File extends OfferedFile> {
  readonly file: File;
  readonly manifest: string | undefined;
}

/** Nobody writes a manifest of this size; a larger `.json` is a booster. */
const MOST_MANIFEST_BYTES = 2 * 1024 * 1024;

/**
 * Sorts files that were dropped together into models or engines and their manifests. A `.json` is a manifest unless it is a booster
 * (XGBoost's own format) by its content. A manifest belongs to the model of the same name (`a.onnx` and `a.json` or
 * `a.manifest.json`), or to the only model when there is one of each. A manifest without a model is uploaded as it is,
 * because the server says best what is wrong with it.
 */
export async function pairFiles<File extends OfferedFile>(files: readonly File[]): Promise<FilePair<File>[]> {
  const models: File[] = [];
  const manifests: { readonly file: File; readonly text: string }[] = [];
  for (const file of files) {
    const text = await manifestText(file);
    if (text === undefined) models.push(file);
    else manifests.push({ file, text });
  }
  const [onlyModel, anotherModel] = models;
  const [onlyManifest, anotherManifest] = manifests;
  if (onlyModel && onlyManifest && !anotherModel && !anotherManifest)
    return [{ file: onlyModel, manifest: onlyManifest.text }];
  const taken = new Set<File>();
  const pairs = models.map(file => {
    const own = manifests.find(each => stemOf(each.file.name) === stemOf(file.name));
    if (own) taken.add(own.file);
    return { file, manifest: own?.text };
  });
  const left = manifests.filter(({ file }) => !taken.has(file));
  return [...pairs, ...left.map(({ file }) => ({ file, manifest: undefined }))];
}

async function manifestText(file: OfferedFile): Promise<string | undefined> {
  if (!file.name.toLowerCase().endsWith('.json') || file.size > MOST_MANIFEST_BYTES) return undefined;
  const text = await file.text();
  return isBooster(text) ? undefined : text;
}

function isBooster(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'learner' in value;
  } catch {
    return false;
  }
}

function stemOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/(\.(manifest|onnx|js|mjs|wasm|pkl|pickle|joblib|gz|ubj|txt|json|z))+$/, '');
}
