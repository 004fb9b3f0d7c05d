import { z } from 'zod';
import { policyDocument } from './policy-document.ts';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

/** The scope of the policy for all clusters that have none of their own. */
export const DEFAULT_POLICY_SCOPE = 'default';

const scope = z.string().min(1).max(200).meta({ description: 'Cluster id, or "default" for all clusters' });

/** What a policy was from one save to the next. */
export const policyRevision = z.object({
  scope,
  revision: z
    .number()
    .int()
    .meta({ description: 'Counts from 1 in each scope; 0 is what holds before anything was saved' }),
  document: policyDocument.nullable().meta({ description: 'null: the cluster follows the default' }),
  yaml: z.string().meta({ description: 'The same as YAML; empty where the document is null' }),
  savedAt: timeMs.nullable(),
  savedBy: z.string().nullable(),
  note: z.string().nullable(),
  revertedFrom: z.number().int().nullable().meta({ description: 'The older revision that came back' }),
});
export type PolicyRevision = z.output<typeof policyRevision>;

/** While it is on, nothing starts, and what runs ends after its safe step. */
export const killSwitch = z.object({
  scope,
  on: z.boolean(),
  at: timeMs.nullable(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
});
export type KillSwitch = z.output<typeof killSwitch>;

/** A value that cannot be meant. */
export const policyProblem = z.object({
  field: z.string().meta({ description: 'Path of the field: windows.allow.0.zone' }),
  text: z.string().meta({ description: 'One sentence with field, value and what would be right' }),
});
export type PolicyProblem = z.output<typeof policyProblem>;

/** A time in which plans may start. */
export const policyOpening = z.object({
  opensAt: timeMs,
  closesAt: timeMs.nullable().meta({ description: 'null: no end in sight within two years' }),
  windows: z.array(z.object({ name: z.string(), zone: z.string() })),
});
export type PolicyOpening = z.output<typeof policyOpening>;

/** What a policy makes of a plan that is there. */
const planOutcome = z.object({
  verdict: z.enum(['refused', 'waits', 'needs-approval', 'starts']),
  text: z.string(),
});

export const policyPreview = z.object({
  problems: z.array(policyProblem),
  document: policyDocument
    .nullable()
    .meta({ description: 'With all defaults; null while there are problems' }),
  yaml: z.string().nullable(),
  isOpen: z.boolean().nullable().meta({ description: 'Whether the windows are open now' }),
  isAlwaysOpen: z.boolean().nullable(),
  openings: z.array(policyOpening).meta({ description: 'The next ten' }),
  plans: z.array(
    z.object({
      planId: z.string(),
      title: z.string(),
      clusterName: z.string(),
      now: planOutcome.meta({ description: 'By the policy that is saved' }),
      changed: planOutcome.meta({ description: 'By this one' }),
    }),
  ),
});
export type PolicyPreview = z.output<typeof policyPreview>;
export type PlanOutcome = z.output<typeof planOutcome>;

const scopeParams = z.object({ scope });
const given = {
  document: z
    .unknown()
    .optional()
    .meta({ description: 'The document, as /policies/schema says; fields left out have their default' }),
  text: z
    .string()
    .max(200_000)
    .optional()
    .meta({ description: 'Instead of the document: the same as YAML or JSON' }),
};
const baseRevision = z
  .number()
  .int()
  .min(0)
  .meta({ description: 'The revision that was edited; when it is not the last any more, nothing is saved' });
const note = z.string().trim().max(300).optional();

export const policies = {
  listPolicies: procedure({
    method: 'GET',
    path: '/api/v1/optimization/policies',
    access: 'viewer',
    tag: 'policies',
    summary: 'The policy for all clusters, those of single clusters, and the kill switches',
    response: z.object({ policies: z.array(policyRevision), killSwitches: z.array(killSwitch) }),
  }),
  policySchema: procedure({
    method: 'GET',
    path: '/api/v1/optimization/policies/schema',
    access: 'viewer',
    tag: 'policies',
    summary: 'JSON schema of a policy, with title, description, unit and default of every field',
    response: z.record(z.string(), z.unknown()),
  }),
  getPolicy: procedure({
    method: 'GET',
    path: '/api/v1/optimization/policies/:scope',
    access: 'viewer',
    tag: 'policies',
    summary: 'The last revision of a scope; its document is null where a cluster follows the default',
    params: scopeParams,
    response: policyRevision,
  }),
  exportPolicy: procedure({
    method: 'GET',
    path: '/api/v1/optimization/policies/:scope/export',
    access: 'viewer',
    tag: 'policies',
    summary: 'The policy in force as text; "save" and "cloudoptim plan --policy" read it back',
    params: scopeParams,
    query: z.object({ format: z.enum(['yaml', 'json']).default('yaml') }),
    response: z.object({ fileName: z.string(), text: z.string() }),
  }),
  listRevisions: procedure({
    method: 'GET',
    path: '/api/v1/optimization/policies/:scope/revisions',
    access: 'viewer',
    tag: 'policies',
    summary: 'Revisions of a scope, newest first',
    params: scopeParams,
    query: z.object({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      before: z.coerce.number().int().optional().meta({ description: 'Only revisions below this one' }),
    }),
    response: z.object({ revisions: z.array(policyRevision) }),
  }),
  savePolicy: procedure({
    method: 'POST',
    path: '/api/v1/optimization/policies/:scope/save',
    access: 'operator',
    tag: 'policies',
    summary:
      'Save a new revision where the last one is still the one that was edited; a loser gets both versions in the error’s details',
    action: 'policy.save-ordered',
    params: scopeParams,
    body: z.object({ ...given, baseRevision, note }),
    response: policyRevision,
  }),
  followDefault: procedure({
    method: 'POST',
    path: '/api/v1/optimization/policies/:scope/follow-default',
    access: 'operator',
    tag: 'policies',
    summary: 'Let a cluster follow the policy for all clusters again; its revisions stay',
    action: 'policy.follow-default-ordered',
    params: scopeParams,
    body: z.object({ baseRevision, note }),
    response: policyRevision,
  }),
  revertPolicy: procedure({
    method: 'POST',
    path: '/api/v1/optimization/policies/:scope/revert',
    access: 'operator',
    tag: 'policies',
    summary: 'Save an older revision again, as the newest',
    action: 'policy.revert-ordered',
    params: scopeParams,
    body: z.object({ revision: z.number().int().min(1), baseRevision, note }),
    response: policyRevision,
  }),
  previewPolicy: procedure({
    method: 'POST',
    path: '/api/v1/optimization/policies/:scope/preview',
    access: 'viewer',
    tag: 'policies',
    summary:
      'What is wrong with a document, when its windows open next, and what it would do to the present plans; nothing is saved',
    params: scopeParams,
    body: z.object(given),
    response: policyPreview,
  }),
  setKillSwitch: procedure({
    method: 'POST',
    path: '/api/v1/optimization/policies/:scope/kill-switch',
    access: 'operator',
    tag: 'policies',
    summary: 'Stop what runs after its safe step and let nothing start, or let plans start again',
    action: 'policy.kill-switch-ordered',
    params: scopeParams,
    body: z.object({ on: z.boolean(), reason: z.string().trim().min(1).max(300) }),
    response: killSwitch,
  }),
};
