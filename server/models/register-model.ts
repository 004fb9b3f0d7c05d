import type { ModelManifest } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { type Clock, newId } from '../platform/index.ts';
import { type AdmitParts, type AdmittedFile, rejected } from './admit-file.ts';
import { draftManifest } from './draft-manifest.ts';
import {
  type CheckedManifest,
  checkManifest,
  type FeatureNames,
  type ManifestProblem,
  parseManifest,
  trainedUntilOf,
} from './manifest.ts';
import { misnamedOutputs } from './model-outputs.ts';
import type { ModelStore, StoredModel } from './model-store.ts';
import { trialLoad } from './trial-load.ts';

/** What registering needs. */
export interface RegisterParts extends AdmitParts {
  readonly store: ModelStore;
  readonly features: FeatureNames;
  readonly clock: Clock;
}

/**
 * The manifest of an admitted file: from beside it, else from inside it, else from what lies beside the model in a file of
 * Python, where that says all that a manifest must.
 * @throws AppError `input.invalid` for a text that is no JSON
 */
export function manifestOf(
  { features, clock }: Pick<RegisterParts, 'features' | 'clock'>,
  { facts, manifestText, says }: AdmittedFile,
  given: string | undefined,
): { readonly value: unknown; readonly checked: CheckedManifest } {
  const text = given ?? manifestText;
  const value = text === undefined ? draftManifest(says) : parseManifest(text);
  const checked = checkManifest(value, features, clock.now());
  const columns = facts.inputs[0]?.dims[1];
  if ('manifest' in checked && columns !== undefined && columns > 0) {
    const named = checked.manifest.features.length;
    const message = `it takes ${columns} values for a row, but the manifest names ${named} features`;
    const problem: ManifestProblem = { field: 'features', message, code: 'input.invalid' };
    if (columns !== named) return { value, checked: { problems: [problem] } };
  }
  const message = 'manifest' in checked ? misnamedOutputs(checked.manifest, facts.outputs) : undefined;
  if (message !== undefined) {
    return { value, checked: { problems: [{ field: 'outputs', message, code: 'input.invalid' }] } };
  }
  return { value, checked };
}

/**
 * Takes an admitted file into the registry: does it load, and give what its makers got. The same file and manifest again
 * is the version that is there already; when that one is faulty, it gets another chance.
 * @throws AppError `resource.conflict` for a version that exists with other content, `model.rejected` when it does not run;
 * the file still waits then and nothing else has changed
 */
export async function registerModel(
  parts: RegisterParts,
  admitted: AdmittedFile,
  manifest: ModelManifest,
): Promise<StoredModel> {
  const { store, files, children, clock, log } = parts;
  const { fileName, format, madeWith, original, onnx, facts } = admitted;
  const same = (await store.all()).find(known => isVersion(known.manifest, manifest));
  if (same && !hasSameContent(same, onnx.sha256, manifest)) throw versionTaken(manifest);
  if (same && same.state !== 'faulty') {
    await admitted.discard();
    return same;
  }
  const trial = await trialLoad(onnx.path, manifest, children, log);
  if (!trial.passed) throw rejected(fileName, [trial.reason]);
  if (original !== onnx) await files.keepOriginal(original);
  await files.keep(onnx);
  if (same) {
    await store.update(same.id, { state: 'inspected', reasons: [] });
    return { ...same, state: 'inspected', reasons: [] };
  }
  const model: StoredModel = {
    id: newId('model'),
    sha256: onnx.sha256,
    bytes: onnx.bytes,
    fileName,
    format,
    madeWith,
    state: 'inspected',
    uploadedAt: clock.now(),
    trainedUntilMs: trainedUntilOf(manifest),
    coveredShare: 0,
    manifest,
    operators: [...facts.operators],
    reasons: [],
    original: { sha256: original.sha256, bytes: original.bytes, fileName },
    notes: '',
    tags: [],
  };
  await store.insert(model);
  return model;
}

function isVersion(a: ModelManifest, b: ModelManifest): boolean {
  return a.name.toLowerCase() === b.name.toLowerCase() && a.version === b.version;
}

function hasSameContent(known: StoredModel, sha256: string, manifest: ModelManifest): boolean {
  return known.sha256 === sha256 && JSON.stringify(known.manifest) === JSON.stringify(manifest);
}

function versionTaken({ name, version }: ModelManifest): AppError {
  return new AppError(
    'resource.conflict',
    `"${name}" ${version} exists already with other content, and a version never changes.`,
    { hint: 'Raise "version" in the manifest.' },
  );
}
