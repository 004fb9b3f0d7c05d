import { dirname, join } from 'node:path';
import type { ModelManifest } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { type Clock, type Logger, newId } from '../platform/index.ts';
import { convertInChild } from './convert-in-child.ts';
import { type FeatureNames, MANIFEST_KEY, readManifest, trainedUntilOf } from './manifest.ts';
import type { ModelFiles, ReceivedFile } from './model-files.ts';
import type { ModelStore, StoredModel } from './model-store.ts';
import type { OnnxFacts } from './onnx-facts.ts';
import { foreignFormatOf } from './sniff-format.ts';
import type { ChildSettings } from './start-inference-child.ts';
import { inspectInChild, trialLoad } from './trial-load.ts';

/** What registering needs. */
export interface RegisterParts {
  readonly store: ModelStore;
  readonly files: ModelFiles;
  readonly features: FeatureNames;
  readonly children: ChildSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Takes a file that has arrived into the registry: what is it, may it be loaded, what does it say it is, does it load
 * and give what its makers got. Only a file that passes all of it is kept; the same file and manifest again is the model
 * that is there already.
 * @param manifestText manifest from beside the file; it takes the place of the one inside
 * @throws AppError `model.not-a-model`, `model.rejected`, `model.unknown-feature` or `input.invalid`; the file is gone then
 */
export async function registerModel(
  parts: RegisterParts,
  file: ReceivedFile,
  fileName: string,
  manifestText: string | undefined,
): Promise<StoredModel> {
  try {
    if (!foreignFormatOf(file.head)?.isConvertible)
      return await registerOnnx(parts, file, fileName, manifestText, 'onnx');
    const output = join(dirname(file.path), 'converted.onnx');
    const { format } = await convertInChild(file.path, output, parts.children, parts.log).catch(
      (error: unknown) => {
        throw error instanceof AppError ? named(error, fileName) : error;
      },
    );
    return await registerOnnx(parts, await parts.files.receive(output), fileName, manifestText, format);
  } finally {
    await file.discard();
  }
}

async function registerOnnx(
  parts: RegisterParts,
  file: ReceivedFile,
  fileName: string,
  manifestText: string | undefined,
  format: string,
): Promise<StoredModel> {
  const { store, children, clock, log } = parts;
  try {
    const facts = await factsOf(parts, file, fileName);
    const manifest = manifestOf(parts, fileName, facts, manifestText);
    const same = (await store.all()).find(
      known =>
        known.sha256 === file.sha256 &&
        known.state !== 'faulty' &&
        JSON.stringify(known.manifest) === JSON.stringify(manifest),
    );
    if (same) return same;
    const trial = await trialLoad(file.path, manifest, children, log);
    if (!trial.passed) throw rejected(fileName, [trial.reason]);
    await file.keep();
    const model: StoredModel = {
      id: newId('model'),
      sha256: file.sha256,
      bytes: file.bytes,
      fileName,
      format,
      state: 'inspected',
      uploadedAt: clock.now(),
      trainedUntilMs: trainedUntilOf(manifest),
      coveredShare: 0,
      manifest,
      operators: [...facts.operators],
      reasons: [],
    };
    await store.insert(model);
    return model;
  } finally {
    await file.discard();
  }
}

async function factsOf(
  { children, log }: RegisterParts,
  file: ReceivedFile,
  fileName: string,
): Promise<OnnxFacts> {
  const foreign = foreignFormatOf(file.head);
  if (foreign) {
    throw new AppError('model.not-a-model', `"${fileName}" is ${foreign.name}, not an ONNX model.`, {
      hint: foreign.advice,
    });
  }
  const answer = await inspectInChild(file.path, children, log);
  if (!answer.sound) {
    const message = `"${fileName}" is no ONNX model, or damaged: ${answer.reason}.`;
    throw new AppError('model.not-a-model', message);
  }
  if (answer.facts.reasons.length > 0) throw rejected(fileName, answer.facts.reasons);
  return answer.facts;
}

function manifestOf(
  { features, clock }: RegisterParts,
  fileName: string,
  facts: OnnxFacts,
  manifestText: string | undefined,
): ModelManifest {
  const text = manifestText ?? facts.metadata[MANIFEST_KEY];
  if (text === undefined) {
    throw new AppError(
      'model.rejected',
      `"${fileName}" does not say what it is: it has no manifest inside, and none was sent with it.`,
      {
        hint: `Send the manifest as JSON in the form field "manifest", or put it into metadata_props under "${MANIFEST_KEY}".`,
      },
    );
  }
  const manifest = readManifest(text, features, clock.now());
  const columns = facts.inputs[0]?.dims[1];
  if (columns !== undefined && columns > 0 && columns !== manifest.features.length) {
    throw rejected(fileName, [
      `It takes ${columns} values for a row, but its manifest names ${manifest.features.length} features.`,
    ]);
  }
  return manifest;
}

/** The converter does not know how the file is called. */
function named(error: AppError, fileName: string): AppError {
  const { code, message, hint, details } = error;
  return new AppError(code, `"${fileName}": ${message}`, { hint, details, cause: error });
}

function rejected(fileName: string, reasons: readonly string[]): AppError {
  const what = reasons.join(' ').replace(/\.?$/, '.');
  return new AppError('model.rejected', `"${fileName}" was not let in: ${what}`, {
    details: { verdict: 'rejected', reasons },
  });
}
