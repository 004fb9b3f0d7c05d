import { AppError } from '../../common/errors.ts';

/**
 * A signal that aborts on Ctrl-C, instead of the process; call `end` when the work is over.
 * @param hint what came of the work that was stopped
 */
export function untilInterrupted(hint = 'What is on disk stays; run it again to go on.'): {
  readonly signal: AbortSignal;
  end(): void;
} {
  const controller = new AbortController();
  const stop = () => controller.abort(new AppError('input.invalid', 'Stopped.', { hint }));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
