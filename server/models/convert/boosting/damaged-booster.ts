import { AppError } from '../../../../common/errors.ts';

/**
 * A booster file that is cut off, contradicts itself, or holds what no booster holds.
 * @param what completes the sentence "This booster is damaged: …"
 */
export function damagedBooster(what: string): AppError {
  return new AppError('model.not-a-model', `This booster is damaged: ${what}.`, {
    hint: 'Save the model again with its library and upload that file.',
  });
}

/**
 * A sound booster that cannot be turned into a graph.
 * @param what a whole sentence that names the refused thing
 * @param hint what to do instead
 */
export function refusedBooster(what: string, hint?: string): AppError {
  return new AppError('model.rejected', what, hint === undefined ? {} : { hint });
}
