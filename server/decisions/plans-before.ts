import type { Plan } from '../../common/contracts/index.ts';
import type { PlanStore } from './plan-store.ts';

/** Plans of its run that make room for this one and that have not come to an end, whichever. */
export async function plansBefore(
  { dependsOn = [] }: Pick<Plan, 'dependsOn'>,
  store: Pick<PlanStore, 'plan'>,
): Promise<Plan[]> {
  const plans = await Promise.all(dependsOn.map(id => store.plan(id)));
  return plans.filter(
    plan => plan !== undefined && ['proposed', 'approved', 'running', 'stopping'].includes(plan.state),
  ) as Plan[];
}
