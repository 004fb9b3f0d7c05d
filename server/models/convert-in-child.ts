import { AppError, type ErrorCode, errorCatalogue } from '../../common/errors.ts';
import { describeOutcome, type Logger } from '../platform/index.ts';
import type { ConvertAnswer, ConvertedDescription } from './inference-messages.ts';
import { type ChildSettings, InferenceChild } from './start-inference-child.ts';

/**
 * Converts a model file of Python in a throw-away child, which writes the ONNX file to `output`.
 * @throws AppError `model.not-a-model` or `model.rejected` as the converter says, also when the child died of the file
 */
export async function convertInChild(
  path: string,
  output: string,
  settings: ChildSettings,
  log: Logger,
): Promise<ConvertedDescription> {
  const child = new InferenceChild(settings, log);
  try {
    const outcome = await child.request({ kind: 'convert', path, output });
    if (outcome.kind !== 'answer') {
      throw new AppError('model.rejected', `The file could not be converted: ${describeOutcome(outcome)}.`);
    }
    const answer = outcome.value as ConvertAnswer;
    if (answer.converted) return answer.description;
    throw new AppError(knownCode(answer.code), answer.message, { hint: answer.hint });
  } finally {
    await child.close();
  }
}

/** The child is not trusted with more than the codes that exist. */
function knownCode(code: string): ErrorCode {
  return Object.hasOwn(errorCatalogue, code) ? (code as ErrorCode) : 'model.rejected';
}
