import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { PeerIdentity, PriceStretch, Procedure } from '../../common/contracts/index.ts';
import { DEFAULT_POLICY_SCOPE } from '../../common/contracts/index.ts';
import { peers } from '../../common/contracts/peers.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import type { PriceExchange } from '../market/index.ts';
import type { Clock, GuestIdentity } from '../platform/index.ts';
import type { Guests } from './admit-guest.ts';
import { agreeOn, parseVersions } from './agree-versions.ts';
import type { FactBook } from './fact-book.ts';
import { demandIdle, type HomesOfClusters } from './move-cluster.ts';
import { stretchAsBody } from './move-prices.ts';
import type { PartFiles } from './part-files.ts';
import { modelName, modelsToShare, peerModelOf, type SyncedModels, takeModel } from './peer-models.ts';
import { peerPolicyOf, type SyncedPolicies, savePeerPolicy } from './peer-policies.ts';

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What another engine asks, checked by its schemas. */
export interface PeerAsk<P extends Procedure> {
  readonly params: P extends { params: infer S } ? Output<S> : undefined;
  readonly query: P extends { query: infer S } ? Output<S> : undefined;
  readonly body: P extends { body: infer S } ? Output<S> : undefined;
}

/** One call of another engine that has shown its key. */
export interface PeerCall {
  readonly procedure: Procedure;
  /** Whether it changes what this engine holds. */
  readonly writes: boolean;
  answer(guest: GuestIdentity, ask: PeerAsk<Procedure>): Promise<unknown>;
}

/** What calls of other engines are answered from. */
export interface PeerParts {
  readonly self: PeerIdentity;
  readonly guests: Guests;
  readonly models: SyncedModels;
  readonly policies: SyncedPolicies;
  /** Ids of the clusters that this engine has. */
  readonly clusterIds: () => readonly string[];
  readonly parts: PartFiles;
  readonly book: FactBook;
  readonly prices: PriceExchange;
  readonly clock: Clock;
  readonly homes: HomesOfClusters;
}

/** Every call that another engine may make with its key, but the download of files. */
export function peerCalls({
  self,
  guests,
  models,
  policies,
  clusterIds,
  parts,
  book,
  prices,
  clock,
  homes,
}: PeerParts): readonly PeerCall[] {
  return [
    peerCall(peers.hello, false, async (guest, { body }) => {
      const agreement = agreeOn(self.speaks, body.speaks);
      if ('refused' in agreement) throw new AppError('sync.version-refused', agreement.refused);
      await guests.greet(guest.guestId, body);
      return { ...self, mayWrite: guest.mayWrite };
    }),
    peerCall(peers.listPolicies, false, async () => {
      const scopes = [DEFAULT_POLICY_SCOPE, ...clusterIds()];
      // Those of clusters that are gone cannot be asked for any more.
      const last = (await policies.list()).policies.filter(({ scope }) => scopes.includes(scope));
      return { policies: await Promise.all(last.map(one => peerPolicyOf(policies, one))), scopes };
    }),
    // Its audit entry is in the commit of the save.
    peerCall(peers.savePolicy, true, async ({ guestId, label }, { params, body }) => {
      const { document, baseRevision, savedBy, note } = body;
      const actor = { id: guestId, label: `${savedBy} on the engine of ${label}` };
      return {
        revision: await savePeerPolicy(policies, params.scope, document ?? null, baseRevision, actor, note),
      };
    }),
    peerCall(peers.listModels, false, async () => ({
      models: (await modelsToShare(models)).map(peerModelOf),
    })),
    peerCall(peers.sendPiece, true, async ({ guestId }, { params, body }) => {
      const piece = Buffer.from(body.base64, 'base64');
      if (piece.length === 0) return { bytes: await parts.bytes(params.sha256, guestId) };
      return { bytes: await parts.add(params.sha256, guestId, body.fromByte, oneChunk(piece)) };
    }),
    peerCall(peers.offerModel, true, async ({ guestId }, { body }) => {
      if (!(await parts.isWhole(body.sha256, guestId)))
        throw new AppError('resource.conflict', `The file of ${modelName(body)} did not arrive whole.`, {
          hint: 'It is sent again with the next sync.',
        });
      const reason = await takeModel(models, parts.path(body.sha256, guestId), body);
      await parts.drop(body.sha256, guestId);
      return { taken: reason === undefined, reason: reason ?? null };
    }),
    peerCall(peers.listCursors, false, async (_, { params }) => ({
      cursors: await book.cursors(params.kind),
    })),
    peerCall(peers.readFacts, false, async (_, { params, query }) => ({
      facts: await book.read(params.kind, query.origin, query.after),
    })),
    peerCall(peers.addFacts, true, async (guest, { params, body }) => {
      const { startOver, ...page } = body;
      const speaksForItself = (await guests.list()).some(({ engineId }) => engineId === page.origin);
      if (page.origin !== guest.engineId && speaksForItself)
        throw new AppError('input.invalid', `${page.name} is connected here, and tells its facts itself.`);
      if (startOver) {
        if (page.origin !== guest.engineId)
          throw new AppError(
            'input.invalid',
            'Only an engine itself can say that it counts from below again.',
          );
        await book.startOver(params.kind, page.origin);
      }
      return { seq: await book.add(params.kind, page) };
    }),
    peerCall(peers.takeCluster, true, async (guest, { params, body }) => {
      const { name, epoch, taskEpoch } = body;
      await homes.clusters.homes.take({ id: params.id, name, taskEpoch, from: guest.engineId }, epoch);
      return homes.clusters.createJoinToken(name);
    }),
    peerCall(peers.leaveCluster, true, async (guest, { params, body }) => {
      const { name, cameFrom } = await homes.clusters.homes.of(params.id);
      if (cameFrom !== guest.engineId)
        throw new AppError(
          'access.forbidden',
          `Cluster "${name}" did not come from the engine of ${guest.label}.`,
          {
            hint: 'Only the engine that moved it here can take it back; enrol its agent there with a join token instead.',
          },
        );
      await demandIdle(homes, params.id);
      await homes.clusters.homes.leave(
        params.id,
        { engineId: guest.engineId, name: guest.label },
        body.epoch,
      );
      return { taskEpoch: (await homes.clusters.homes.of(params.id)).taskEpoch };
    }),
    peerCall(peers.listStretches, false, async () => ({
      nowMs: clock.now(),
      keptSinceMs: prices.keptSinceMs(),
      stretches: (await prices.covered()).map(stretchAsBody),
    })),
    peerCall(peers.readPrices, false, async (_, { body }) => {
      demandShort(body);
      return (await prices.read(body)) as z.input<typeof peers.readPrices.response>;
    }),
    peerCall(peers.addPrices, true, async (_, { body }) => {
      demandShort(body.stretch);
      await prices.take(body.stretch, body.page);
      // Much follows from it: once for all that one sync brings.
      if (body.isLast) prices.announce([body.stretch]);
      return { ok: true as const };
    }),
  ];
}

/**
 * Demands that a caller is understood, and for calls that write that it may: by its version and by its key.
 * @param header what it says that it speaks
 * @throws AppError `sync.version-refused`, `sync.reads-only`
 */
export function demandMayCall(
  self: PeerIdentity,
  guest: GuestIdentity,
  header: unknown,
  writes: boolean,
): void {
  const speaks = parseVersions(header);
  if (!speaks)
    throw new AppError('sync.version-refused', 'The caller does not say which version of sync it speaks.');
  const agreement = agreeOn(self.speaks, speaks);
  if ('refused' in agreement) throw new AppError('sync.version-refused', agreement.refused);
  if (!writes) return;
  if (agreement.mode === 'read-only')
    throw new AppError(
      'sync.reads-only',
      `Engines of different versions of sync (${self.speaks.current} and ${speaks.current}) only read from each other.`,
    );
  if (!guest.mayWrite)
    throw new AppError('sync.reads-only', 'The key of this engine was made for reading only.');
}

/** The file of a model, from a byte on. @throws AppError `resource.not-found` */
export async function openPeerFile(
  models: SyncedModels,
  sha256: string,
  fromByte: number,
): Promise<{ stream: Readable; bytes: number }> {
  const model = (await modelsToShare(models)).find(({ original }) => original.sha256 === sha256);
  if (!model)
    throw new AppError('resource.not-found', `There is no model with the hash ${sha256.slice(0, 64)}.`);
  const { stream, bytes } = await models.readFile(model.id, 'original', fromByte);
  return { stream, bytes };
}

/** A longer stretch would be too much for one answer. */
function demandShort({ fromMs, toMs }: PriceStretch): void {
  if (toMs - fromMs <= MS_PER_DAY) return;
  throw new AppError(
    'input.invalid',
    `A stretch of ${(toMs - fromMs) / MS_PER_DAY} days is too long to be moved at once.`,
  );
}

function peerCall<P extends Procedure>(
  procedure: P,
  writes: boolean,
  answer: (guest: GuestIdentity, ask: PeerAsk<P>) => Promise<z.input<P['response']>>,
): PeerCall {
  return { procedure, writes, answer: (guest, ask) => answer(guest, ask as PeerAsk<P>) };
}

async function* oneChunk(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield piece;
}
