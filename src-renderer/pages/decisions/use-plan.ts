import { useMemo } from 'react';
import type { Plan } from '../../../common/contracts/index.ts';
import { useLive } from '../../connection/use-live.ts';

/** A plan as it stands now. `undefined` of a plan that is asked for, or that there is none of: `isMissing` tells. */
export function usePlan(id: string | undefined): {
  readonly plan: Plan | undefined;
  readonly isMissing: boolean;
  readonly problem: string | undefined;
} {
  const { values, problem } = useLive(id === undefined ? undefined : `plan/${id}`);
  const whole = values?.get('plan');
  const progress = values?.get('progress');
  // Pods are told once: a plan for a large cluster has thousands, and a step every few seconds.
  const plan = useMemo(
    () => (whole && progress ? { ...progress, pods: whole.pods } : whole),
    [whole, progress],
  );
  return { plan, isMissing: problem !== undefined || (values !== undefined && plan === undefined), problem };
}
