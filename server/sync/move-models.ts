import type { Model, PeerModel, SyncProgress } from '../../common/contracts/index.ts';
import { PIECE_BYTES, peers } from '../../common/contracts/peers.ts';

import { AppError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units/index.ts';
import type { PartFiles } from './part-files.ts';
import type { PeerLink } from './peer-link.ts';
import {
  isSameVersion,
  modelKey,
  modelName,
  modelsToShare,
  peerModelOf,
  type SyncedModels,
  takeModel,
} from './peer-models.ts';
import type { ServerStore } from './server-store.ts';

/** What moving models needs. */
export interface MoveModelsParts {
  readonly serverId: string;
  readonly link: PeerLink;
  readonly models: SyncedModels;
  readonly store: ServerStore;
  readonly parts: PartFiles;
  readonly mayWrite: boolean;
  readonly signal: AbortSignal;
  readonly report: (progress: Omit<SyncProgress, 'part'>) => void;
}

/** A file that did not come whole twice is not asked for a third time in one sync. */
const TRIES = 2;

/**
 * Brings models that one side has and the other never had to the other: first those of the server, then, where it may write there, those
 * of this engine. A model that was on both sides and is gone from one was deleted there; it does not come back. Each is noted when it has
 * arrived, so that an interrupted sync goes on with the next one, and within a file where that ended.
 */
export async function moveModels(run: MoveModelsParts): Promise<void> {
  const { serverId, link, models, store, signal } = run;
  const { models: theirs } = await link.call(peers.listModels, {}, signal);
  const ours = await modelsToShare(models);
  const known = new Set((await store.movedModels(serverId)).map(({ model_key }) => model_key));
  const ourKeys = new Set(ours.map(one => modelKey(peerModelOf(one))));
  const theirKeys = new Set(theirs.map(modelKey));
  await store.noteModels(
    theirs
      .filter(one => ourKeys.has(modelKey(one)) && !known.has(modelKey(one)))
      .map(one => noteOf(serverId, one, null)),
  );

  const toFetch = theirs.filter(one => !ourKeys.has(modelKey(one)) && !known.has(modelKey(one)));
  const toSend = run.mayWrite
    ? ours.filter(one => {
        const key = modelKey(peerModelOf(one));
        return !theirKeys.has(key) && !known.has(key);
      })
    : [];
  const ofBytes = [...toFetch, ...toSend.map(peerModelOf)].reduce((sum, { bytes }) => sum + bytes, 0);
  let movedBytes = 0;
  for (const model of toFetch) {
    signal.throwIfAborted();
    const progress = (bytes: number) => run.report(progressOf(modelName(model), movedBytes + bytes, ofBytes));
    const clash = ours.find(one => isSameVersion(one, model));
    const refusal = clash
      ? `${modelName(model)} of the server has other content than the one here; a version never changes.`
      : await fetchModel(run, model, progress);
    await store.noteModels([noteOf(serverId, model, refusal ?? null)]);
    movedBytes += model.bytes;
  }
  for (const model of toSend) {
    signal.throwIfAborted();
    const peer = peerModelOf(model);
    const progress = (bytes: number) => run.report(progressOf(modelName(peer), movedBytes + bytes, ofBytes));
    const clash = theirs.find(one => isSameVersion(one, peer));
    const refusal = clash
      ? `${modelName(peer)} of this engine has other content than the one of the server; a version never changes.`
      : await sendModel(run, model, peer, progress);
    await store.noteModels([noteOf(serverId, peer, refusal)]);
    movedBytes += model.original.bytes;
  }
}

type Progress = (bytes: number) => void;

async function fetchModel(
  run: MoveModelsParts,
  model: PeerModel,
  progress: Progress,
): Promise<string | undefined> {
  const { serverId, link, models, parts, signal } = run;
  const { sha256 } = model;
  for (let tries = 1; ; tries++) {
    let bytes = await parts.bytes(sha256, serverId);
    // Longer than it should be: it cannot be the beginning of it.
    if (bytes > model.bytes) {
      await parts.drop(sha256, serverId);
      bytes = 0;
    }
    progress(bytes);
    if (bytes < model.bytes) {
      const stream = await link.download(sha256, bytes, signal);
      await parts.add(sha256, serverId, bytes, counted(stream, bytes, progress));
    }
    if ((await parts.bytes(sha256, serverId)) < model.bytes)
      throw new AppError(
        'sync.unreachable',
        `${modelName(model)} broke off before its end; the next sync goes on there.`,
      );
    if (await parts.isWhole(sha256, serverId)) break;
    if (tries === TRIES)
      return `${modelName(model)} came damaged ${TRIES} times: its content is not what its hash says.`;
  }
  const refusal = await takeModel(models, parts.path(sha256, serverId), model);
  await parts.drop(sha256, serverId);
  return refusal;
}

async function sendModel(
  run: MoveModelsParts,
  model: Model,
  peer: PeerModel,
  progress: Progress,
): Promise<string | null> {
  const { link, models, signal } = run;
  const params = { sha256: peer.sha256 };
  const send = (fromByte: number, piece: Uint8Array) =>
    link.call(
      peers.sendPiece,
      { params, body: { fromByte, base64: Buffer.from(piece).toString('base64') } },
      signal,
    );
  const { bytes: from } = await send(0, new Uint8Array());
  progress(from);
  if (from < peer.bytes) {
    const { stream } = await models.readFile(model.id, 'original', from);
    let at = from;
    for await (const piece of inPieces(stream)) {
      const { bytes } = await send(at, piece);
      at += piece.length;
      // An answer that was lost, and the piece sent twice: where they are is where this goes on.
      if (bytes !== at)
        throw new AppError(
          'sync.unreachable',
          `${modelName(peer)} did not arrive in order; the next sync goes on.`,
        );
      progress(at);
    }
  }
  const { reason } = await link.call(peers.offerModel, { body: peer }, signal);
  return reason;
}

async function* counted(stream: AsyncIterable<Uint8Array>, from: number, progress: Progress) {
  let bytes = from;
  for await (const chunk of stream) {
    yield chunk;
    bytes += chunk.length;
    progress(bytes);
  }
}

/** Larger pieces of a stream of small ones. */
async function* inPieces(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    held.push(chunk);
    bytes += chunk.length;
    while (bytes >= PIECE_BYTES) {
      const all = Buffer.concat(held);
      yield all.subarray(0, PIECE_BYTES);
      held = [all.subarray(PIECE_BYTES)];
      bytes -= PIECE_BYTES;
    }
  }
  if (bytes > 0) yield Buffer.concat(held);
}

function noteOf(serverId: string, model: PeerModel, refusal: string | null) {
  return { server_id: serverId, model_key: modelKey(model), subject: modelName(model), refusal };
}

function progressOf(name: string, doneBytes: number, ofBytes: number) {
  return {
    subject: `${name}, ${formatBytes(doneBytes)} of ${formatBytes(ofBytes)}`,
    share: ofBytes === 0 ? null : Math.min(1, doneBytes / ofBytes),
  };
}
