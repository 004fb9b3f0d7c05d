import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PeerIdentity, PeerVersions, SyncServer } from '../../common/contracts/index.ts';
import { OLDEST_SYNC_VERSION, SYNC_VERSION } from '../../common/contracts/peers.ts';
import type { Decisions } from '../decisions/index.ts';
import type { Market } from '../market/index.ts';
import type { Clock, Database, LiveHub, Logger } from '../platform/index.ts';
import type { Savings } from '../savings/index.ts';
import { Guests } from './admit-guest.ts';
import { Connection, type ConnectionParts } from './connection.ts';
import { ownIdentity } from './engine-identity.ts';
import { FactBook } from './fact-book.ts';
import { FactStore } from './fact-store.ts';
import { GuestStore } from './guest-store.ts';
import type { HomesOfClusters } from './move-cluster.ts';
import { ownFacts } from './own-facts.ts';
import { PartFiles } from './part-files.ts';
import { type PeerCall, peerCalls } from './peer-calls.ts';
import { PeerKeys } from './peer-keys.ts';
import type { SyncedModels } from './peer-models.ts';
import type { SyncedPolicies } from './peer-policies.ts';
import { ServerStore } from './server-store.ts';

/** What the room is made from. */
export interface SyncParts {
  readonly database: Database;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Version of the program. */
  readonly version: string;
  /** For keys and files on their way. */
  readonly folder: string;
  readonly mostModelBytes: number;
  readonly models: SyncedModels;
  readonly policies: SyncedPolicies;
  readonly clusterIds: () => readonly string[];
  readonly decisions: Pick<Decisions, 'changes' | 'plans'>;
  readonly clusters: HomesOfClusters['clusters'];
  readonly savings: Pick<Savings, 'changes'>;
  readonly market: Pick<Market, 'exchange'>;
  /** Name of this engine for others; that of the machine unless given. */
  readonly name?: string;
  readonly speaks?: PeerVersions;
  readonly linkTo?: ConnectionParts['linkTo'];
}

/** The room of sync: the server that this engine goes to, and the engines that come here. */
export interface Sync {
  readonly self: PeerIdentity;
  readonly guests: Guests;
  readonly connection: Connection;
  /** What others may ask with their key. */
  readonly calls: readonly PeerCall[];
  readonly models: SyncedModels;
  /** Facts of this engine and of others. */
  readonly book: FactBook;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Wires the room. Nothing goes out before `start`. */
export async function createSync(parts: SyncParts): Promise<Sync> {
  const { database, clock, live, models, policies, clusterIds } = parts;
  const self = await ownIdentity(database, clock, {
    name: parts.name ?? hostname(),
    version: parts.version,
    speaks: parts.speaks ?? { current: SYNC_VERSION, oldest: OLDEST_SYNC_VERSION },
  });
  const guests = new Guests(new GuestStore(database), clock, self);
  const files = new PartFiles(join(parts.folder, 'parts'), parts.mostModelBytes);
  const homes: HomesOfClusters = { clusters: parts.clusters, decisions: parts.decisions };
  const book = new FactBook(self, new FactStore(database), ownFacts(parts.decisions, parts.savings));
  const connection = new Connection({
    self,
    store: new ServerStore(database),
    keys: new PeerKeys(join(parts.folder, 'keys')),
    models,
    policies,
    parts: files,
    book,
    prices: parts.market.exchange,
    homes,
    live,
    clock,
    log: parts.log.child({ room: 'sync' }),
    ...(parts.linkTo ? { linkTo: parts.linkTo } : {}),
  });
  live.define('sync', async () => {
    const server: SyncServer | null = await connection.view();
    return server ? [{ key: 'server', value: server }] : [];
  });
  return {
    self,
    guests,
    connection,
    calls: peerCalls({
      self,
      guests,
      models,
      policies,
      clusterIds,
      parts: files,
      book,
      prices: parts.market.exchange,
      clock,
      homes,
    }),
    models,
    book,
    start: async () => {
      await files.tidy(clock);
      await connection.start();
    },
    stop: () => connection.stop(),
  };
}
