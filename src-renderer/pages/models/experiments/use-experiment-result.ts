import type { ExperimentResult } from '../../../../common/contracts/index.ts';
import { useLive } from '../../../connection/use-live.ts';

/** What an experiment shows so far, live; `undefined` until the engine has compared. */
export function useExperimentResult(id: string): ExperimentResult | undefined {
  return useLive(`experiment/${id}`).values?.get('result');
}
