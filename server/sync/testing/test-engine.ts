import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PeerIdentity, type PeerVersions, policyDocument } from '../../../common/contracts/index.ts';
import { decisionMigrations, Policies, PolicyStore } from '../../decisions/index.ts';
import {
  CoverageStore,
  marketMigrations,
  PoolStore,
  type PriceExchange,
  PriceStore,
  priceExchange,
} from '../../market/index.ts';
import { openTestDatabase } from '../../platform/database/testing/open-test-database.ts';
import { AuditLog, auditMigrations, type Database, LiveHub } from '../../platform/index.ts';
import { Guests } from '../admit-guest.ts';
import { ownIdentity } from '../engine-identity.ts';
import { FactBook } from '../fact-book.ts';
import { FactStore } from '../fact-store.ts';
import { GuestStore } from '../guest-store.ts';
import type { HomesOfClusters } from '../move-cluster.ts';
import { PartFiles } from '../part-files.ts';
import { type PeerCall, peerCalls } from '../peer-calls.ts';
import type { PeerLink } from '../peer-link.ts';
import { runSync } from '../run-sync.ts';
import { ServerStore } from '../server-store.ts';
import { syncMigrations } from '../sync-tables.ts';
import type { Network } from './faulty-link.ts';
import { MemoryFacts } from './memory-facts.ts';
import { MemoryModels } from './memory-models.ts';

/** These engines have no clusters to move; that is shown with real ones. */
const noClusters = {} as HomesOfClusters;

const person = { id: 'p', label: 'person' };

/** What sync works on, on a real database, without an engine around it. */
export interface TestEngine {
  readonly name: string;
  readonly self: PeerIdentity;
  readonly database: Database;
  readonly policies: Policies;
  readonly models: MemoryModels;
  /** Its own plans and ledger. */
  readonly facts: { readonly plans: MemoryFacts; readonly ledger: MemoryFacts };
  readonly book: FactBook;
  readonly exchange: PriceExchange;
  readonly guests: Guests;
  readonly calls: readonly PeerCall[];
  readonly store: ServerStore;
  readonly clock: { ms: number; now(): number };
  /** Clusters that it has. */
  readonly clusterIds: string[];
  /** Connects it to a server; from then on `sync` goes there. */
  connect(server: TestEngine, network: Network, mayWrite?: boolean): Promise<void>;
  /** The way to its server. */
  link(): PeerLink;
  /** One sync. */
  sync(signal?: AbortSignal): Promise<void>;
  /** Saves a policy that `mark` tells from others, on top of the last one. */
  edit(scope: string, mark: number): Promise<void>;
  /** The mark of the policy in force; 0 where nothing was saved. */
  mark(scope: string): Promise<number>;
  /** Marks of all revisions, oldest first. */
  history(scope: string): Promise<number[]>;
  close(): Promise<void>;
}

/** Opens one; its clock is off by `skewMs`. */
export async function openTestEngine(
  name: string,
  skewMs = 0,
  speaks: PeerVersions = { current: 1, oldest: 1 },
): Promise<TestEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-trio-'));
  const database = await openTestDatabase(folder, {
    ...auditMigrations,
    ...marketMigrations,
    ...decisionMigrations,
    ...syncMigrations,
  });
  const clock = { ms: Date.UTC(2026, 10, 27) + skewMs, now: () => clock.ms++ };
  const clusterIds: string[] = [];
  const policies = new Policies({
    store: new PolicyStore(database),
    audit: new AuditLog(database, clock),
    live: new LiveHub(),
    clock,
    clusterName: id => (clusterIds.includes(id) ? id : undefined),
  });
  const self = await ownIdentity(database, clock, { name, version: '0', speaks });
  const guests = new Guests(new GuestStore(database), clock, self);
  const models = new MemoryModels();
  const parts = new PartFiles(join(folder, 'parts'), 1024 ** 2);
  const store = new ServerStore(database);
  const facts = { plans: new MemoryFacts(), ledger: new MemoryFacts() };
  const book = new FactBook(self, new FactStore(database), facts);
  const pools = new PoolStore(database);
  await pools.load();
  const prices = new PriceStore(database, pools);
  const coverage = new CoverageStore(database);
  const exchange = priceExchange({
    pools,
    prices,
    coverage,
    clock,
    retentionDays: 0,
    onTaken: () => undefined,
  });
  let way: { server: PeerIdentity; link: PeerLink } | undefined;
  const engine: TestEngine = {
    name,
    self,
    database,
    policies,
    models,
    facts,
    book,
    exchange,
    guests,
    calls: peerCalls({
      self,
      guests,
      models,
      policies,
      clusterIds: () => clusterIds,
      parts,
      book,
      prices: exchange,
      clock,
      homes: noClusters,
    }),
    store,
    clock,
    clusterIds,
    connect: async (server, network, mayWrite = true) => {
      const { code } = await server.guests.createCode(name, mayWrite);
      const { key } = await server.guests.enter(code, self);
      way = { server: server.self, link: network.link(server, key, speaks) };
    },
    link: () => {
      if (!way) throw new Error('not connected');
      return way.link;
    },
    sync: async (signal = new AbortController().signal) => {
      if (!way) throw new Error('not connected');
      await runSync({
        self,
        server: { id: 'server', engineId: way.server.engineId },
        link: way.link,
        store,
        models,
        policies,
        parts,
        book,
        prices: exchange,
        clock,
        signal,
        onGreeted: async () => undefined,
        report: () => undefined,
      });
    },
    edit: async (scope, mark) => {
      const { revision } = await policies.get(scope);
      await policies.save(scope, { document: markedPolicy(mark) }, revision, person);
    },
    mark: async scope => markOf((await policies.get(scope)).document),
    history: async scope =>
      (await policies.revisions(scope, 200)).map(({ document }) => markOf(document)).reverse(),
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return engine;
}

/** A policy that differs from others by a number from 1 on. */
function markedPolicy(mark: number): unknown {
  return { memory: { podRestMs: mark * 60_000 } };
}

function markOf(document: unknown): number {
  return document === null || document === undefined
    ? 0
    : policyDocument.parse(document).memory.podRestMs / 60_000;
}
