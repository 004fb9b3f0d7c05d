import { api } from '../../common/contracts/index.ts';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import type { Routes } from '../platform/index.ts';
import type { Decisions } from './create-decisions.ts';
import type { BinPacking } from './plan-live-cluster.ts';

/** Adds `api.decisions` to the server. */
export function addDecisionRoutes(routes: Routes, decisions: Decisions, binPacking: BinPacking): void {
  routes.add(api.decisions.trigger, ({ body, actor }) =>
    decisions.trigger(body.clusterId, actor, body.engine),
  );
  routes.add(api.decisions.listPlans, async ({ query }) => ({
    plans: await decisions.plans(query),
    runs: await decisions.runs(query.clusterId),
  }));
  routes.add(api.decisions.getPlan, ({ params }) => decisions.get(params.id));
  routes.add(api.owners.getOwnerChanges, ({ params }) => decisions.ownerChanges(params.id));
  routes.add(api.decisions.getRun, ({ params }) => decisions.run(params.id));
  routes.add(api.decisions.getRunNodes, ({ params }) => decisions.runNodes(params.id));
  routes.add(api.decisions.approvePlan, ({ params, body, actor }) =>
    decisions.approve(params.id, actor, body.comment),
  );
  routes.add(api.decisions.rejectPlan, ({ params, body, actor }) =>
    decisions.reject(params.id, actor, body.comment),
  );
  routes.add(api.decisions.stopPlan, ({ params, body, actor }) =>
    decisions.stopPlan(params.id, actor, body.comment),
  );
  routes.add(api.decisions.decideSpot, async ({ body }) => {
    const { run, plans } = await decisions.preview(body.clusterId, 'spot');
    return { run, plans: [...plans] };
  });
  routes.add(api.decisions.decideBinPacking, ({ body }) =>
    binPacking.plan(body.clusterId, body.timeLimitSeconds * MS_PER_SECOND),
  );
}
