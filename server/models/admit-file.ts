import { dirname, join } from 'node:path';
import type { MadeWith } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Logger } from '../platform/index.ts';
import { convertInChild } from './convert-in-child.ts';
import type { SelfDescription } from './draft-manifest.ts';
import { MANIFEST_KEY } from './manifest.ts';
import type { ModelFiles, ReceivedFile } from './model-files.ts';
import { describeOnnxOutputs, describeOutputs } from './model-outputs.ts';
import type { OnnxFacts } from './onnx-facts.ts';
import { foreignFormatOf } from './sniff-format.ts';
import type { ChildSettings } from './start-inference-child.ts';
import { inspectInChild } from './trial-load.ts';

/** Classifiers of skl2onnx end in a list of maps, which ONNX Runtime for Node cannot give. */
const ZIP_MAP = 'ai.onnx.ml.ZipMap';

/** What admission needs. */
export interface AdmitParts {
  readonly files: ModelFiles;
  readonly children: ChildSettings;
  readonly log: Logger;
}

/** A file that may be loaded: what was uploaded, and the ONNX file that stands for it. */
export interface AdmittedFile {
  readonly fileName: string;
  readonly format: string;
  readonly madeWith: MadeWith | null;
  readonly original: ReceivedFile;
  /** The same as `original` for an ONNX file that runs as it is. */
  readonly onnx: ReceivedFile;
  readonly facts: OnnxFacts;
  readonly says: SelfDescription;
  /** Manifest inside the file, as JSON text. */
  readonly manifestText: string | undefined;
  /** What the conversion wants known. */
  readonly warnings: readonly string[];
  discard(): Promise<void>;
}

/**
 * Finds out by its bytes what has arrived, converts it where it is no ONNX or ends in maps, and reads what it says, all in throw-away
 * children. Nothing of it has been loaded yet.
 * @throws AppError `model.not-a-model` or `model.rejected`; the file is gone then
 */
export async function admitFile(
  parts: AdmitParts,
  original: ReceivedFile,
  fileName: string,
): Promise<AdmittedFile> {
  let onnx = original;
  const discard = async () => {
    await original.discard();
    await onnx.discard();
  };
  try {
    const isForeign = foreignFormatOf(original.head)?.isConvertible === true;
    const found = isForeign ? undefined : await factsOf(parts, original, fileName);
    if (found && !found.operators.includes(ZIP_MAP)) {
      const says = { fileName, columns: [], outputs: describeOnnxOutputs(found.outputs), metadata: {} };
      const manifestText = found.metadata[MANIFEST_KEY];
      return {
        fileName,
        format: 'onnx',
        madeWith: null,
        original,
        onnx,
        facts: found,
        says,
        manifestText,
        warnings: [],
        discard,
      };
    }
    const output = join(dirname(original.path), 'converted.onnx');
    const { format, features, isNamed, outputs, metadata, warnings, ...made } = await convertInChild(
      original.path,
      output,
      parts.children,
      parts.log,
    ).catch((error: unknown) => {
      throw error instanceof AppError ? named(error, fileName) : error;
    });
    onnx = await parts.files.receive(output);
    const facts = await factsOf(parts, onnx, fileName);
    const columns = isNamed ? features.map(feature => feature.name) : [];
    const says = { fileName, columns, outputs: describeOutputs(outputs), metadata };
    const manifestText = found?.metadata[MANIFEST_KEY];
    const { model, library, libraryVersion } = made;
    const madeWith = isForeign ? { model, library, libraryVersion } : null;
    return { fileName, format, madeWith, original, onnx, facts, says, manifestText, warnings, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function factsOf(
  { children, log }: AdmitParts,
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

/** A verdict of "no" about a file, with all its reasons. */
export function rejected(fileName: string, reasons: readonly string[]): AppError {
  const what = reasons.join(' ').replace(/\.?$/, '.');
  return new AppError('model.rejected', `"${fileName}" was not let in: ${what}`, {
    details: { verdict: 'rejected', reasons },
  });
}

/** The converter does not know how the file is called. */
function named(error: AppError, fileName: string): AppError {
  const { code, message, hint, details } = error;
  return new AppError(code, `"${fileName}": ${message}`, { hint, details, cause: error });
}
