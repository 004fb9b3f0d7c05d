import { api } from '../../../common/contracts/index.ts';
import type { Routes } from '../../platform/index.ts';
import type { Decisions } from '../create-decisions.ts';
import type { Rightsizing } from './size-cluster.ts';

/** Adds `api.rightsizing` to the server. */
export function addRightsizingRoutes(
  routes: Routes,
  rightsizing: Rightsizing,
  decisions: Pick<Decisions, 'proposeResize'>,
): void {
  routes.add(api.rightsizing.decide, ({ body }) =>
    rightsizing.recommend(
      body.clusterId,
      // The schema leaves out what was not said; TypeScript cannot see that.
      Object.fromEntries(Object.entries(body.policy).filter(([, value]) => value !== undefined)),
    ),
  );
  routes.add(api.rightsizing.recommendations, ({ params }) => rightsizing.recommend(params.id));
  routes.add(api.rightsizing.plan, ({ params, body, actor }) =>
    decisions.proposeResize(params.id, body.workload, actor),
  );
  routes.add(api.rightsizing.usage, ({ params, query }) =>
    rightsizing.usageOf(params.id, query.workload, query.container),
  );
}
