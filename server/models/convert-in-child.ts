import { open } from 'node:fs/promises';
import { AppError, type ErrorCode, errorCatalogue } from '../../common/errors.ts';
import { describeOutcome, type Logger } from '../platform/index.ts';
import type { ConvertAnswer, ConvertedDescription } from './inference-messages.ts';
import { foreignFormatOf } from './sniff-format.ts';
import { type ChildSettings, InferenceChild } from './start-inference-child.ts';

/** The first bytes tell what is surely no ONNX file. */
const HEAD_BYTES = 512;
/** Tags with which a ModelProto can begin: fields 1 to 8, 14, 20 and 25 of onnx.proto. */
const MODEL_TAGS = new Set([0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca]);

/**
 * Converts a model file in a throw-away child, which writes the ONNX file to `output`: one of Python is converted, an ONNX
 * file is written as it can be run here (`normaliseOnnx`).
 * @throws AppError `input.invalid` when the file cannot be read, `model.not-a-model` or `model.rejected` as the converter says, also when the child died of the file
 */
export async function convertInChild(
  path: string,
  output: string,
  settings: ChildSettings,
  log: Logger,
): Promise<ConvertedDescription> {
  const child = new InferenceChild(settings, log);
  try {
    return await convertWith(child, path, output);
  } finally {
    await child.close();
  }
}

/** `convertInChild` in a child that is open already. */
export async function convertWith(
  child: InferenceChild,
  path: string,
  output: string,
): Promise<ConvertedDescription> {
  const kind = (await isForeign(path)) ? 'convert' : 'normalise';
  const outcome = await child.request({ kind, path, output });
  if (outcome.kind !== 'answer') {
    throw new AppError('model.rejected', `The file could not be converted: ${describeOutcome(outcome)}.`);
  }
  const answer = outcome.value as ConvertAnswer;
  if (answer.converted) return answer.description;
  throw new AppError(knownCode(answer.code), answer.message, { hint: answer.hint });
}

async function isForeign(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = buffer.subarray(0, bytesRead);
      return foreignFormatOf(head) !== undefined || !MODEL_TAGS.has(head[0] ?? 0);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new AppError('input.invalid', `The file ${path} cannot be read.`, {
      cause,
      hint: 'Give the path of a file; relative ones count from where the command was called.',
    });
  }
}

/** The child is not trusted with more than the codes that exist. */
function knownCode(code: string): ErrorCode {
  return Object.hasOwn(errorCatalogue, code) ? (code as ErrorCode) : 'model.rejected';
}
