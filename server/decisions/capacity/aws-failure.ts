import { AppError } from '../../../common/errors.ts';
import type { Ec2Failure } from '../../market/index.ts';

/** What the AWS SDK calls an error. */
export function nameOf(error: unknown): string {
  return (error as { name?: string } | undefined)?.name ?? '';
}

/** What a failure means for something that may be asked again. */
export function answerOf(
  failure: Ec2Failure,
  region: string,
): { readonly kind: 'later' | 'refused'; readonly reason: string } {
  if (failure.kind === 'throttled')
    return { kind: 'later', reason: `AWS in ${region} is throttling requests.` };
  return { kind: failure.kind === 'final' ? 'refused' : 'later', reason: failure.error.message };
}

/** The same for who waits for an answer now. */
export function appErrorOf(failure: Ec2Failure, region: string): AppError {
  if (failure.kind !== 'throttled') return failure.error;
  return new AppError(
    'market.unreachable',
    `AWS in ${region} is throttling requests; try again in a minute.`,
  );
}
