import { AppError } from '../../../../common/errors.ts';
import { commitmentsFromCsv } from './commitments-csv.ts';

/**
 * A commitments file as people keep it: JSON when it begins like an object, CSV otherwise. `readCommitments` checks the result.
 * @param asOf ISO 8601, for CSV, which has no date of its own
 * @throws AppError `input.invalid` when it is neither
 */
export function commitmentsFromText(text: string, asOf: string): unknown {
  const start = text.trimStart();
  if (start === '') throw new AppError('input.invalid', 'The commitments file is empty.');
  if (!/^[\uFEFF{[]/.test(start)) return commitmentsFromCsv(text, asOf);
  try {
    return JSON.parse(start.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new AppError('input.invalid', `The commitments file is no JSON: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
