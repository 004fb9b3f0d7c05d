import { api } from '../../../common/contracts/index.ts';
import type { Routes } from '../../platform/index.ts';
import type { ContextPlans } from './context-plans.ts';

/** Adds `api.contextPlans` to the server. */
export function addContextPlanRoutes(routes: Routes, plans: ContextPlans): void {
  routes.add(api.contextPlans.contextPlanning, async () => ({
    allowed: plans.refusal === null,
    reason: plans.refusal,
  }));
  routes.add(api.contextPlans.listContexts, () => plans.contexts());
  routes.add(api.contextPlans.listContextPlans, async () => ({ plans: plans.list() }));
  routes.add(api.contextPlans.startContextPlan, ({ body }) => plans.start(body));
  routes.add(api.contextPlans.getContextPlan, async ({ params }) => plans.get(params.id));
  routes.add(api.contextPlans.stopContextPlan, async ({ params }) => plans.stop(params.id));
  routes.add(api.contextPlans.exportContextPlan, async ({ params, query }) =>
    plans.exported(params.id, query.format),
  );
}
