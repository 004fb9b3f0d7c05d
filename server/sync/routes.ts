import { api, type Plan, type SavingsEntry } from '../../common/contracts/index.ts';
import { peerModelFilePath, peers, syncVersionHeader } from '../../common/contracts/peers.ts';
import { AppError } from '../../common/errors.ts';
import type { Routes } from '../platform/index.ts';
import type { Sync } from './create-sync.ts';
import { demandMayCall, openPeerFile } from './peer-calls.ts';

/** Calls of people about sync, and calls of other engines. */
export function addSyncRoutes(routes: Routes, sync: Sync): void {
  const { self, guests, connection, book } = sync;
  routes.add(api.sync.getSync, async () => ({
    engine: { id: self.engineId, name: self.engineName },
    server: await connection.view(),
  }));
  routes.add(api.sync.listGuests, async () => ({ guests: await guests.list(), codes: await guests.codes() }));
  routes.add(api.sync.createCode, ({ body }) => guests.createCode(body.label, body.mayWrite));
  routes.add(api.sync.revokeGuest, async ({ params }) => {
    await guests.revoke(params.id);
    return { ok: true as const };
  });
  routes.add(api.sync.connect, ({ body }) => connection.connect(body.url, body.code));
  routes.add(api.sync.disconnect, async ({ params }) => {
    await connection.disconnect(params.id);
    return { ok: true as const };
  });
  routes.add(api.sync.syncNow, async ({ params }) => {
    await connection.now(params.id);
    return { ok: true as const };
  });
  routes.add(api.sync.stopSync, async ({ params }) => {
    await connection.stopSync(params.id);
    return { ok: true as const };
  });
  routes.add(api.sync.listConflicts, async ({ params }) => ({
    conflicts: await connection.conflicts(params.id),
  }));
  routes.add(api.sync.resolveConflict, async ({ params, body }) => {
    await connection.resolve(params.id, params.scope, body);
    return { ok: true as const };
  });
  routes.add(api.sync.moveCluster, ({ params, body }) =>
    connection.moveCluster(params.id, params.clusterId, body.to),
  );
  routes.add(api.sync.listPlansElsewhere, async ({ query }) => ({
    plans: (await book.elsewhere('plans', query.limit)).map(({ origin, body }) => ({
      origin,
      plan: body as Plan,
    })),
  }));
  routes.add(api.sync.listEntriesElsewhere, async ({ query }) => ({
    entries: (await book.elsewhere('ledger', query.limit)).map(({ origin, body }) => ({
      origin,
      entry: body as SavingsEntry,
    })),
  }));
  addPeerRoutes(routes, sync);
}

function addPeerRoutes(routes: Routes, { self, guests, calls, models }: Sync): void {
  routes.add(peers.enter, async ({ body: { code, ...who } }) => ({
    ...self,
    ...(await guests.enter(code, who)),
  }));
  for (const { procedure, writes, answer } of calls) {
    routes.add(procedure, async ({ params, query, body, guest, request }) => {
      if (!guest) throw new AppError('sync.key-refused', 'This call needs the key of an engine.');
      demandMayCall(self, guest, request.headers[syncVersionHeader], writes);
      return answer(guest, { params, query, body } as never) as never;
    });
  }
  routes.addRaw(
    {
      method: 'GET',
      path: peerModelFilePath,
      access: 'peer',
      tag: 'peers',
      summary: 'The file of a model as it was uploaded; "Range: bytes=N-" gives the rest from there on',
    },
    async (request, reply, _actor, guest) => {
      if (!guest) throw new AppError('sync.key-refused', 'This call needs the key of an engine.');
      demandMayCall(self, guest, request.headers[syncVersionHeader], false);
      const { sha256 } = request.params as { sha256: string };
      const { range } = request.headers;
      const from = range === undefined ? 0 : Number(/^bytes=(\d{1,15})-$/.exec(range)?.[1] ?? Number.NaN);
      const { stream, bytes } = await openPeerFile(models, sha256, Number.isNaN(from) ? 0 : from);
      if (Number.isNaN(from) || from > bytes) {
        stream.destroy();
        throw new AppError(
          'input.invalid',
          `The range "${range}" is not one from a byte on within ${bytes} bytes.`,
        );
      }
      if (range !== undefined)
        reply.code(206).header('content-range', `bytes ${from}-${Math.max(from, bytes - 1)}/${bytes}`);
      reply.header('content-length', bytes - from);
      return reply.type('application/octet-stream').send(stream);
    },
  );
}
