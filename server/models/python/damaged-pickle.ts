import { AppError } from '../../../common/errors.ts';

/**
 * A file that is cut off, contradicts itself, or is no pickle at all.
 * @param what completes the sentence "This Python file is damaged: …"
 */
export function damagedPickle(what: string): AppError {
  return new AppError('model.not-a-model', `This Python file is damaged: ${what}.`, {
    hint: 'Save the model again with pickle or joblib and upload that file.',
  });
}

/**
 * A readable file that holds or does what is not let in.
 * @param what a whole sentence that names the refused thing
 * @param hint what to do instead
 */
export function refusedPickle(what: string, hint?: string): AppError {
  return new AppError('model.rejected', what, hint === undefined ? {} : { hint });
}
