import { z } from 'zod';
import { api, policyDocument } from '../../../common/contracts/index.ts';
import type { Routes } from '../../platform/index.ts';
import type { Decisions } from '../create-decisions.ts';

/** Adds `api.policies` to the server. */
export function addPolicyRoutes(
  routes: Routes,
  decisions: Pick<Decisions, 'policies' | 'previewPolicy'>,
): void {
  const { policies } = decisions;
  routes.add(api.policies.listPolicies, () => policies.list());
  routes.add(api.policies.policySchema, async () => policySchema());
  routes.add(api.policies.getPolicy, ({ params }) => policies.get(params.scope));
  routes.add(api.policies.exportPolicy, ({ params, query }) => policies.exported(params.scope, query.format));
  routes.add(api.policies.listRevisions, async ({ params, query }) => ({
    revisions: await policies.revisions(params.scope, query.limit, query.before),
  }));
  routes.add(api.policies.savePolicy, ({ params, body, actor }) =>
    policies.save(params.scope, body, body.baseRevision, actor, body.note),
  );
  routes.add(api.policies.followDefault, ({ params, body, actor }) =>
    policies.followDefault(params.scope, body.baseRevision, actor, body.note),
  );
  routes.add(api.policies.revertPolicy, ({ params, body, actor }) =>
    policies.revert(params.scope, body.revision, body.baseRevision, actor, body.note),
  );
  routes.add(api.policies.previewPolicy, ({ params, body }) => decisions.previewPolicy(params.scope, body));
  routes.add(api.policies.setKillSwitch, ({ params, body, actor }) =>
    policies.setKillSwitch(params.scope, body.on, body.reason, actor),
  );
}

/** JSON schema (2020-12) of what people write: fields with a default may be left out. */
export function policySchema(): Record<string, unknown> {
  return z.toJSONSchema(policyDocument, { io: 'input' });
}
