import { z } from 'zod';
import { procedure, roles } from './procedure.ts';
import { done, pageQuery, timeMs } from './values.ts';

export const actor = z.object({
  id: z.string(),
  label: z.string().meta({ description: 'Name shown in the audit log' }),
  role: z.enum(roles),
});
export type Actor = z.output<typeof actor>;

/** Parts of the API that a token may be limited to: the tags of its calls, and the figures for Prometheus. */
export const tokenScopes = [
  'market',
  'models',
  'engines',
  'forecasts',
  'clusters',
  'decisions',
  'policies',
  'savings',
  'sync',
  'administration',
  'metrics',
] as const;
export type TokenScope = (typeof tokenScopes)[number];

export const accessToken = z.object({
  id: z.string(),
  label: z.string(),
  role: z.enum(roles),
  scopes: z
    .array(z.enum(tokenScopes))
    .nullable()
    .meta({ description: 'Parts of the API that it is limited to; null for all of it' }),
  createdAt: timeMs,
  lastUsedAt: timeMs.nullable(),
  expiresAt: timeMs.nullable(),
});
export type AccessToken = z.output<typeof accessToken>;

/** What somebody signs in with. */
export const signInProof = z.union([
  z.object({ token: z.string().min(1).max(200) }),
  z.object({ name: z.string().trim().min(1).max(80), password: z.string().min(1).max(200) }),
]);
export type SignInProof = z.input<typeof signInProof>;

export const auditEntry = z.object({
  seq: z.number().int(),
  at: timeMs,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.unknown(),
  hash: z.string(),
});
export type AuditEntry = z.output<typeof auditEntry>;

export const auditFileKinds = ['audit.jsonl', 'audit.csv'] as const;
export type AuditFileKind = (typeof auditFileKinds)[number];

/** Streams; has no schema of its answer. */
export const auditFilePath = '/api/v1/admin/audit/export/:kind';

/** Which entries are exported. */
export const auditFileQuery = z.object({
  fromMs: z.coerce.number().int().optional().meta({ description: 'Begin, ms UTC' }),
  toMs: z.coerce.number().int().optional().meta({ description: 'End, ms UTC' }),
  actor: z.string().max(200).optional().meta({ description: 'Part of who it was' }),
  action: z.string().max(200).optional().meta({ description: 'An action, or the beginning of some: plan.*' }),
});

export const access = {
  ways: procedure({
    method: 'GET',
    path: '/api/v1/access/ways',
    access: 'public',
    tag: 'access',
    summary: 'How a browser can sign in, beside tokens',
    response: z.object({
      hasUsers: z.boolean().meta({ description: 'Whether anybody can sign in by name and password' }),
      singleSignOn: z
        .object({
          label: z.string().meta({ description: 'Host of the OpenID provider' }),
          path: z.string().meta({ description: 'Where to send the browser' }),
        })
        .nullable(),
    }),
  }),
  signIn: procedure({
    method: 'POST',
    path: '/api/v1/access/session',
    access: 'public',
    tag: 'access',
    summary: 'Exchange a token, or a name and a password, for a browser session (an HttpOnly cookie)',
    body: signInProof,
    response: actor,
  }),
  signOut: procedure({
    method: 'DELETE',
    path: '/api/v1/access/session',
    access: 'viewer',
    tag: 'access',
    summary: 'End this browser session',
    action: 'session.close',
    response: done,
  }),
  me: procedure({
    method: 'GET',
    path: '/api/v1/access/me',
    access: 'viewer',
    tag: 'access',
    summary: 'Who am I, and what may I do',
    response: actor,
  }),
  state: procedure({
    method: 'GET',
    path: '/api/v1/access/state',
    access: 'viewer',
    tag: 'access',
    summary: 'Whether what is done can be kept at present',
    response: z.object({
      storage: z
        .object({ code: z.string(), message: z.string(), hint: z.string(), since: timeMs })
        .nullable()
        .meta({ description: 'Why nothing can be written; null while writing works' }),
    }),
  }),
  listTokens: procedure({
    method: 'GET',
    path: '/api/v1/admin/tokens',
    access: 'admin',
    tag: 'administration',
    summary: 'Access tokens, without their secrets',
    response: z.object({ tokens: z.array(accessToken) }),
  }),
  createToken: procedure({
    method: 'POST',
    path: '/api/v1/admin/tokens',
    access: 'admin',
    tag: 'administration',
    summary: 'Create an access token; its secret is shown this once',
    action: 'token.create',
    body: z.object({
      label: z.string().trim().min(1).max(80),
      role: z.enum(roles),
      days: z.number().int().min(1).max(365).default(90),
      scopes: z
        .array(z.enum(tokenScopes))
        .min(1)
        .nullable()
        .default(null)
        .meta({ description: 'Parts of the API that the token is limited to; null for all of it' }),
    }),
    response: z.object({ token: accessToken, secret: z.string() }),
  }),
  revokeToken: procedure({
    method: 'DELETE',
    path: '/api/v1/admin/tokens/:id',
    access: 'admin',
    tag: 'administration',
    summary: 'Revoke a token; its open connections are cut',
    action: 'token.revoke',
    params: z.object({ id: z.string() }),
    response: done,
  }),
  listAudit: procedure({
    method: 'GET',
    path: '/api/v1/admin/audit',
    access: 'admin',
    tag: 'administration',
    summary: 'The hash-chained audit log, newest first',
    query: pageQuery,
    response: z.object({ entries: z.array(auditEntry), intact: z.boolean() }),
  }),
};
