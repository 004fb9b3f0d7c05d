import { ApiError } from '../connection/api-error.ts';
import { ErrorState } from './error-state.tsx';

/** Says that a live topic cannot be read. */
export function LiveProblem({ problem }: { readonly problem: string | undefined }) {
  if (problem === undefined) return null;
  const hint = 'What is on the screen stays readable. Reload the page; the log of the engine says more.';
  const fields = { code: 'client.unreadable', kind: 'operational', status: 0 } as const;
  return <ErrorState error={new ApiError({ ...fields, message: problem, hint })} />;
}
