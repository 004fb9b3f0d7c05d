import type { PeerIdentity, SyncMode, SyncProgress } from '../../common/contracts/index.ts';
import { factKinds } from '../../common/contracts/index.ts';
import { peers } from '../../common/contracts/peers.ts';
import { AppError } from '../../common/errors.ts';
import type { PriceExchange } from '../market/index.ts';
import type { Clock } from '../platform/index.ts';
import { agreeOn } from './agree-versions.ts';
import type { FactBook } from './fact-book.ts';
import { moveFacts } from './move-facts.ts';
import { moveModels } from './move-models.ts';
import { movePolicies } from './move-policies.ts';
import { movePrices } from './move-prices.ts';
import type { PartFiles } from './part-files.ts';
import type { PeerLink } from './peer-link.ts';
import type { SyncedModels } from './peer-models.ts';
import type { SyncedPolicies } from './peer-policies.ts';
import type { ServerStore } from './server-store.ts';

/** What one sync needs. */
export interface SyncRun {
  readonly self: PeerIdentity;
  readonly server: { readonly id: string; readonly engineId: string };
  readonly link: PeerLink;
  readonly store: ServerStore;
  readonly models: SyncedModels;
  readonly policies: SyncedPolicies;
  readonly parts: PartFiles;
  readonly book: FactBook;
  readonly prices: PriceExchange;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onGreeted: (server: PeerIdentity & { mayWrite: boolean; mode: SyncMode }) => Promise<void>;
  readonly report: (progress: SyncProgress) => void;
}

/**
 * One sync, from versions to the last part. Each step is safe to be broken off and to be done again.
 * @throws AppError with a sentence; `sync.version-refused` before anything else was asked
 */
export async function runSync(run: SyncRun): Promise<void> {
  const { self, server, link, signal } = run;
  const greeted = await link.call(peers.hello, { body: self }, signal);
  if (greeted.engineId !== server.engineId)
    throw new AppError(
      'sync.address-wrong',
      'Another engine answers at this address than the one that was connected.',
      {
        hint: 'Disconnect, then connect again with a code of the new one. Nothing was exchanged.',
      },
    );
  const agreement = agreeOn(self.speaks, greeted.speaks);
  if ('refused' in agreement) throw new AppError('sync.version-refused', agreement.refused);
  const mayWrite = greeted.mayWrite && agreement.mode === 'full';
  await run.onGreeted({ ...greeted, mode: agreement.mode });
  // Small things first: a large model must not hold them up.
  await movePolicies({ ...run, serverId: server.id, serverName: greeted.engineName, mayWrite });
  for (const kind of factKinds)
    await moveFacts(
      {
        ...run,
        selfId: self.engineId,
        serverEngineId: server.engineId,
        mayWrite,
        report: ({ subject }) => run.report({ part: kind, subject, share: null }),
      },
      kind,
    );
  await moveModels({
    ...run,
    serverId: server.id,
    mayWrite,
    report: progress => run.report({ part: 'models', ...progress }),
  });
  await movePrices({ ...run, mayWrite, report: progress => run.report({ part: 'prices', ...progress }) });
}
