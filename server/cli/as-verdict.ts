import { AppError } from '../../common/errors.ts';

/** A verdict of "no" is an answer, not a fault. */
export const EXIT_VERDICT_NO = 3;

/** A model that is not let in is an answer: one line, and exit code 3. */
export async function asVerdict<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('model.')) throw error;
    process.stderr.write(`${error.message} ${error.hint}\n`);
    process.exitCode = EXIT_VERDICT_NO;
    return undefined;
  }
}
