import { z } from 'zod';
import { joinToken } from './clusters.ts';
import { plan } from './decisions.ts';
import { policyRevision } from './policies.ts';
import { procedure } from './procedure.ts';
import { savingsEntry } from './savings.ts';
import { done, timeMs } from './values.ts';

/** How far two engines understand each other: see `agreeOn`. */
export const syncMode = z.enum(['full', 'read-only']);
export type SyncMode = z.output<typeof syncMode>;

/** A code that lets one engine in, once. */
export const peerCode = z.object({ label: z.string(), mayWrite: z.boolean(), expiresAt: timeMs });

/** An engine that may come to this one. */
export const syncGuest = z.object({
  id: z.string(),
  label: z.string().meta({ description: 'As the administrator who let it in called it' }),
  engineId: z.string(),
  engineName: z.string(),
  version: z.string(),
  mayWrite: z.boolean(),
  connectedAt: timeMs,
  lastSeenAt: timeMs.nullable(),
});
export type SyncGuest = z.output<typeof syncGuest>;

/** What is moved, in the order in which it is. */
export const syncParts = ['policies', 'plans', 'ledger', 'models', 'prices'] as const;
export type SyncPart = (typeof syncParts)[number];

/** What engines tell each other without anybody changing it elsewhere: whose it is, it stays. */
export const factKinds = ['plans', 'ledger'] as const;
export type FactKind = (typeof factKinds)[number];

/** Whose something is that came from another engine. */
export const factOrigin = z.object({ id: z.string(), name: z.string() });
export type FactOrigin = z.output<typeof factOrigin>;

/** How far a sync is. */
export const syncProgress = z.object({
  part: z.enum(syncParts),
  subject: z.string().meta({ description: 'What is moved now' }),
  share: z.number().min(0).max(1).nullable().meta({ description: 'How much of this part; null: not known' }),
});
export type SyncProgress = z.output<typeof syncProgress>;

/** What stays apart, and why. */
export const syncRefusal = z.object({ part: z.enum(syncParts), subject: z.string(), reason: z.string() });
export type SyncRefusal = z.output<typeof syncRefusal>;

/** A policy that was changed on both sides; neither was overwritten. */
export const syncConflict = z.object({
  scope: z.string().meta({ description: 'Cluster id, or "default" for all clusters' }),
  mine: policyRevision,
  theirs: z.object({
    revision: z.number().int(),
    yaml: z.string(),
    savedAt: timeMs.nullable(),
    savedBy: z.string().nullable(),
  }),
  base: z.string().meta({
    description: 'As YAML: the version of this engine that both had last; empty where there is none',
  }),
});
export type SyncConflict = z.output<typeof syncConflict>;

/** The server that this engine is connected to. */
export const syncServer = z.object({
  id: z.string(),
  url: z.string(),
  engineId: z.string(),
  name: z.string(),
  mayWrite: z.boolean(),
  mode: syncMode,
  connectedAt: timeMs,
  state: z.enum(['waiting', 'running', 'failing', 'stopped', 'refused']).meta({
    description:
      'waiting for its next time; running; failing: it is tried again; stopped by a person; refused: only a person can go on',
  }),
  lastDoneAt: timeMs.nullable().meta({ description: 'When everything was the same on both sides' }),
  lastTriedAt: timeMs.nullable(),
  nextAt: timeMs.nullable(),
  problem: z.object({ message: z.string(), hint: z.string() }).nullable(),
  progress: syncProgress.nullable(),
  refusals: z.array(syncRefusal),
  conflicts: z.array(z.string()).meta({ description: 'Scopes of policies that wait for a person' }),
});
export type SyncServer = z.output<typeof syncServer>;

const serverId = z.object({ id: z.string() });

/** What people ask about sync. */
export const sync = {
  getSync: procedure({
    method: 'GET',
    path: '/api/v1/sync',
    access: 'viewer',
    tag: 'sync',
    summary: 'This engine, and the server it is connected to',
    response: z.object({
      engine: z.object({ id: z.string(), name: z.string() }),
      server: syncServer.nullable(),
    }),
  }),
  listGuests: procedure({
    method: 'GET',
    path: '/api/v1/sync/guests',
    access: 'admin',
    tag: 'sync',
    summary: 'Engines that may come to this one, and codes that nobody used yet',
    response: z.object({ guests: z.array(syncGuest), codes: z.array(peerCode) }),
  }),
  createCode: procedure({
    method: 'POST',
    path: '/api/v1/sync/codes',
    access: 'admin',
    tag: 'sync',
    summary: 'A code with which one other engine can connect to this one, once and within 15 minutes',
    action: 'sync.code-create',
    body: z.object({
      label: z.string().trim().min(1).max(80).meta({ description: 'Whose engine it is' }),
      mayWrite: z.boolean().default(true).meta({ description: 'false: it reads and changes nothing here' }),
    }),
    response: peerCode.extend({ code: z.string() }),
  }),
  revokeGuest: procedure({
    method: 'DELETE',
    path: '/api/v1/sync/guests/:id',
    access: 'admin',
    tag: 'sync',
    summary: 'Revoke the key of an engine; what it brought stays',
    action: 'sync.guest-revoke',
    params: z.object({ id: z.string() }),
    response: done,
  }),
  connect: procedure({
    method: 'POST',
    path: '/api/v1/sync/server',
    access: 'admin',
    tag: 'sync',
    summary: 'Connect this engine to a server by its address and a one-time code',
    action: 'sync.connect',
    body: z.object({ url: z.string().trim().max(500), code: z.string().trim().min(1).max(200) }),
    response: syncServer,
  }),
  disconnect: procedure({
    method: 'DELETE',
    path: '/api/v1/sync/server/:id',
    access: 'admin',
    tag: 'sync',
    summary: 'Forget a server and its key; what came from it stays',
    action: 'sync.disconnect',
    params: serverId,
    response: done,
  }),
  syncNow: procedure({
    method: 'POST',
    path: '/api/v1/sync/server/:id/now',
    access: 'operator',
    tag: 'sync',
    summary: 'Sync now; also goes on after a stop, and tries again what was refused',
    action: 'sync.now',
    params: serverId,
    response: done,
  }),
  listConflicts: procedure({
    method: 'GET',
    path: '/api/v1/sync/server/:id/conflicts',
    access: 'viewer',
    tag: 'sync',
    summary: 'Policies that were changed on both sides, with both versions',
    params: serverId,
    response: z.object({ conflicts: z.array(syncConflict) }),
  }),
  resolveConflict: procedure({
    method: 'POST',
    path: '/api/v1/sync/server/:id/conflicts/:scope',
    access: 'operator',
    tag: 'sync',
    summary:
      'Save one of both versions as the newest on both sides, where neither changed since it was looked at',
    action: 'sync.conflict-resolve',
    params: serverId.extend({ scope: z.string().min(1).max(200) }),
    body: z.object({
      keep: z.enum(['mine', 'theirs']),
      mineRevision: z.number().int().min(0),
      theirsRevision: z.number().int().min(0),
    }),
    response: done,
  }),
  moveCluster: procedure({
    method: 'POST',
    path: '/api/v1/sync/server/:id/clusters/:clusterId/move',
    access: 'admin',
    tag: 'sync',
    summary:
      'Make the server the home of a cluster, or this engine again; only its home acts on it. Answers where its agent has to be enrolled, and the token for it',
    action: 'sync.cluster-move',
    params: serverId.extend({ clusterId: z.string().min(1).max(200) }),
    body: z.object({ to: z.enum(['server', 'here']) }),
    response: joinToken.extend({
      serverUrl: z.string().nullable().meta({ description: 'null: the address of this engine' }),
    }),
  }),
  listPlansElsewhere: procedure({
    method: 'GET',
    path: '/api/v1/sync/plans',
    access: 'viewer',
    tag: 'sync',
    summary: 'Plans of other engines as they last told them, newest first; they can only be read here',
    query: z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(200) }),
    response: z.object({ plans: z.array(z.object({ origin: factOrigin, plan })) }),
  }),
  listEntriesElsewhere: procedure({
    method: 'GET',
    path: '/api/v1/sync/ledger',
    access: 'viewer',
    tag: 'sync',
    summary: 'Entries in the ledgers of savings of other engines, newest first',
    query: z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(200) }),
    response: z.object({ entries: z.array(z.object({ origin: factOrigin, entry: savingsEntry })) }),
  }),
  stopSync: procedure({
    method: 'POST',
    path: '/api/v1/sync/server/:id/stop',
    access: 'operator',
    tag: 'sync',
    summary: 'Stop at the next safe place, and do not begin again by itself',
    action: 'sync.stop',
    params: serverId,
    response: done,
  }),
};
