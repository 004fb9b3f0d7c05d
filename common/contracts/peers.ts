import { z } from 'zod';
import { joinToken } from './clusters.ts';
import { procedure } from './procedure.ts';
import { factKinds } from './sync.ts';
import { done, timeMs } from './values.ts';

/**
 * Version of what engines say to each other, and the oldest one that is still understood. One line for each:
 * 1 (2026-11-27): policies by revision, models by hash, plans and ledgers by cursor,
 * prices by stretches of time, clusters by epochs of their home.
 */
export const SYNC_VERSION = 1;
export const OLDEST_SYNC_VERSION = 1;

/** Goes with every call between engines: `<version>-<oldest>`, e.g. `1-1`. */
export const syncVersionHeader = 'cloudoptim-sync';

/** What an engine speaks. */
export const peerVersions = z.object({ current: z.number().int(), oldest: z.number().int() });
export type PeerVersions = z.output<typeof peerVersions>;

/** Who an engine is. */
export const peerIdentity = z.object({
  engineId: z.string().min(1).max(100),
  engineName: z.string().min(1).max(200),
  version: z.string().max(100),
  speaks: peerVersions,
});
export type PeerIdentity = z.output<typeof peerIdentity>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A model as engines tell each other of it: the file that was uploaded and what it is for. */
export const peerModel = z.object({
  sha256,
  bytes: z.number().int(),
  fileName: z.string(),
  /** Whole, but only these are read before the file has been inspected. */
  manifest: z.looseObject({ name: z.string(), version: z.string() }),
});
export type PeerModel = z.output<typeof peerModel>;

/** A policy with the digests of what it was before. Its document is checked by whoever takes it. */
export const peerPolicy = z.object({
  scope: z.string(),
  revision: z.number().int(),
  document: z.unknown(),
  yaml: z.string(),
  savedAt: timeMs.nullable(),
  savedBy: z.string().nullable(),
  past: z.array(z.object({ revision: z.number().int(), digest: z.string() })),
});
export type PeerPolicy = z.output<typeof peerPolicy>;

/** How far an engine knows what another one tells. */
export const peerCursor = z.object({
  origin: z.string().min(1).max(100),
  name: z.string().max(200),
  seq: z.number().int().min(0),
});
export type PeerCursor = z.output<typeof peerCursor>;

/** Something that an engine tells, as of its last change; its number grows with each change of anything of its kind. */
export const peerFact = z.object({
  id: z.string().min(1).max(200),
  seq: z.number().int().min(1),
  at: timeMs,
  body: z.unknown(),
});
export type PeerFact = z.output<typeof peerFact>;

/** So much is told at once: of one thing at least, whatever its size. */
export const MOST_FACTS = 200;
export const FACT_PAGE_BYTES = 1024 ** 2;

const clusterId = z.string().min(1).max(200);
const factKind = z.object({ kind: z.enum(factKinds) });

/** Time of a region and product that is wholly known; empty `instanceTypes` stand for all. */
export const priceStretch = z.object({
  region: z.string().min(1).max(100),
  product: z.string().min(1).max(100),
  instanceTypes: z.array(z.string().min(1).max(100)).max(2_000),
  fromMs: timeMs,
  toMs: timeMs,
});
export type PriceStretch = z.output<typeof priceStretch>;

/** Records of a stretch column by column; see `PricePage`. */
export const pricePage = z.object({
  pools: z.array(z.tuple([z.string().min(1).max(100), z.string().min(1).max(100)])),
  poolOf: z.array(z.number().int().min(0)),
  atS: z.array(z.number().int()),
  priceMicroUsdPerHour: z.array(z.number().int()),
});

/** One piece of a file on its way; its text in base64 is a third longer and fits into a body. */
export const PIECE_BYTES = 2 * 1024 ** 2;

/** `GET`, streams a file that was uploaded as a model; a `Range: bytes=N-` is answered from there on. */
export const peerModelFilePath = '/api/v1/peer/models/:sha256/file';

/** What engines ask each other. All but `enter` need a key. */
export const peers = {
  enter: procedure({
    method: 'POST',
    path: '/api/v1/peer/enter',
    access: 'public',
    tag: 'peers',
    summary: 'Exchange a one-time code for a key',
    action: 'sync.guest-enter',
    body: z.object({ code: z.string().min(1).max(200), ...peerIdentity.shape }),
    response: peerIdentity.extend({ guestId: z.string(), key: z.string(), mayWrite: z.boolean() }),
  }),
  hello: procedure({
    method: 'POST',
    path: '/api/v1/peer/hello',
    access: 'peer',
    tag: 'peers',
    summary: 'Tell versions before anything else',
    body: peerIdentity,
    response: peerIdentity.extend({ mayWrite: z.boolean() }),
  }),
  listPolicies: procedure({
    method: 'GET',
    path: '/api/v1/peer/policies',
    access: 'peer',
    tag: 'peers',
    summary: 'Policies that were saved, and all scopes that could have one',
    response: z.object({ policies: z.array(peerPolicy), scopes: z.array(z.string()) }),
  }),
  savePolicy: procedure({
    method: 'POST',
    path: '/api/v1/peer/policies/:scope',
    access: 'peer',
    tag: 'peers',
    summary: 'Save a policy where the last revision is still the one that the sender has seen',
    params: z.object({ scope: z.string().min(1).max(200) }),
    body: z.object({
      document: z.unknown(),
      baseRevision: z.number().int().min(0),
      savedBy: z.string().max(300),
      note: z.string().max(300).nullable(),
    }),
    response: z.object({ revision: z.number().int() }),
  }),
  listModels: procedure({
    method: 'GET',
    path: '/api/v1/peer/models',
    access: 'peer',
    tag: 'peers',
    summary: 'Models that may be fetched',
    response: z.object({ models: z.array(peerModel) }),
  }),
  sendPiece: procedure({
    method: 'POST',
    path: '/api/v1/peer/files/:sha256',
    access: 'peer',
    tag: 'peers',
    summary: 'Send a piece of a model’s file; answers how much of it is here. An empty piece only asks',
    params: z.object({ sha256 }),
    body: z.object({
      fromByte: z.number().int().min(0),
      base64: z.string().max((PIECE_BYTES * 4) / 3 + 4),
    }),
    response: z.object({ bytes: z.number().int() }),
  }),
  offerModel: procedure({
    method: 'POST',
    path: '/api/v1/peer/models',
    access: 'peer',
    tag: 'peers',
    summary: 'Take a model into the registry whose file was sent; it is inspected as any upload is',
    action: 'sync.model-take',
    body: peerModel,
    response: z.object({ taken: z.boolean(), reason: z.string().nullable() }),
  }),
  listCursors: procedure({
    method: 'GET',
    path: '/api/v1/peer/facts/:kind/cursors',
    access: 'peer',
    tag: 'peers',
    summary: 'Whose facts are here, and up to which number; its own first',
    params: factKind,
    response: z.object({ cursors: z.array(peerCursor) }),
  }),
  readFacts: procedure({
    method: 'GET',
    path: '/api/v1/peer/facts/:kind',
    access: 'peer',
    tag: 'peers',
    summary: 'A page of facts of an engine after a number, in their order',
    params: factKind,
    query: z.object({ origin: z.string().max(100), after: z.coerce.number().int().min(0) }),
    response: z.object({ facts: z.array(peerFact) }),
  }),
  addFacts: procedure({
    method: 'POST',
    path: '/api/v1/peer/facts/:kind',
    access: 'peer',
    tag: 'peers',
    summary:
      'Bring a page of facts that follows what is here; any other changes nothing. Answers up to which number they are here now',
    params: factKind,
    body: z.object({
      origin: z.string().min(1).max(100),
      name: z.string().max(200),
      after: z.number().int().min(0),
      startOver: z.boolean().meta({
        description: 'The origin was restored from a backup and counts from below again; what is here stays',
      }),
      facts: z.array(peerFact).max(MOST_FACTS),
    }),
    response: z.object({ seq: z.number().int() }),
  }),
  listStretches: procedure({
    method: 'GET',
    path: '/api/v1/peer/prices/stretches',
    access: 'peer',
    tag: 'peers',
    summary: 'Time for which Spot prices are wholly here, and what is kept',
    response: z.object({ nowMs: timeMs, keptSinceMs: timeMs, stretches: z.array(priceStretch) }),
  }),
  readPrices: procedure({
    method: 'POST',
    path: '/api/v1/peer/prices/read',
    access: 'peer',
    tag: 'peers',
    summary: 'All records of a stretch, with those in force at its begin',
    body: priceStretch,
    response: pricePage,
  }),
  addPrices: procedure({
    method: 'POST',
    path: '/api/v1/peer/prices',
    access: 'peer',
    tag: 'peers',
    summary: 'Bring the records of a stretch; those that are here stay as they are',
    body: z.object({ stretch: priceStretch, page: pricePage, isLast: z.boolean() }),
    response: done,
  }),
  takeCluster: procedure({
    method: 'POST',
    path: '/api/v1/peer/clusters/:id/take',
    access: 'peer',
    tag: 'peers',
    summary: 'Become the home of a cluster that its home has left; answers a join token for its agent',
    action: 'cluster.home-take',
    params: z.object({ id: clusterId }),
    body: z.object({
      name: z.string().min(1).max(200),
      epoch: z.number().int().min(2),
      taskEpoch: z.number().int().min(0),
    }),
    response: joinToken,
  }),
  leaveCluster: procedure({
    method: 'POST',
    path: '/api/v1/peer/clusters/:id/leave',
    access: 'peer',
    tag: 'peers',
    summary: 'Give a cluster up to the engine that asks; the keys of its agent end',
    action: 'cluster.home-leave',
    params: z.object({ id: clusterId }),
    body: z.object({ epoch: z.number().int().min(2) }),
    response: z.object({ taskEpoch: z.number().int() }),
  }),
};
