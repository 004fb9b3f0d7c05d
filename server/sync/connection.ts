import type {
  PeerIdentity,
  PeerVersions,
  SyncConflict,
  SyncPart,
  SyncProgress,
  SyncServer,
} from '../../common/contracts/index.ts';
import { peers } from '../../common/contracts/peers.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_MINUTE, MS_PER_SECOND } from '../../common/units/index.ts';
import type { PriceExchange } from '../market/index.ts';
import { type Clock, type LiveHub, type Logger, newId } from '../platform/index.ts';
import { agreeOn } from './agree-versions.ts';
import type { FactBook } from './fact-book.ts';
import { type HomesOfClusters, moveCluster } from './move-cluster.ts';
import type { PartFiles } from './part-files.ts';
import type { PeerKeys } from './peer-keys.ts';
import type { PeerLink } from './peer-link.ts';
import type { SyncedModels } from './peer-models.ts';
import type { SyncedPolicies } from './peer-policies.ts';
import { listConflicts, resolveConflict } from './resolve-conflict.ts';
import { serverAddress } from './server-address.ts';
import type { ServerStore } from './server-store.ts';
import type { ServerRow } from './sync-tables.ts';

/** What the connection to a server is kept with. */
export interface ConnectionParts {
  readonly self: PeerIdentity;
  readonly store: ServerStore;
  readonly keys: PeerKeys;
  readonly models: SyncedModels;
  readonly policies: SyncedPolicies;
  readonly parts: PartFiles;
  readonly book: FactBook;
  readonly prices: PriceExchange;
  readonly homes: HomesOfClusters;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** The way to an address; over HTTP unless a test has another. */
  readonly linkTo?: (origin: string, key: string | undefined, speaks: PeerVersions) => PeerLink;
}

const EVERY_MS = MS_PER_MINUTE;
const FIRST_RETRY_MS = 5 * MS_PER_SECOND;
const LAST_RETRY_MS = 5 * MS_PER_MINUTE;
/** Trying again changes nothing about these; a person has to. */
const FOR_PEOPLE = new Set([
  'sync.key-refused',
  'sync.version-refused',
  'sync.address-wrong',
  'access.origin-refused',
]);

/** The one server that this engine is connected to: syncs with it once a minute, tries again when that fails, and can be stopped. */
export class Connection {
  readonly #parts: ConnectionParts;
  #row: ServerRow | undefined;
  #progress: SyncProgress | undefined;
  #running: { controller: AbortController; done: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextAt: number | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Takes up the connection of an earlier launch. */
  async start(): Promise<void> {
    this.#row = await this.#parts.store.server();
    if (this.#row && !this.#mustWait()) this.#plan(0);
  }

  /** As a person sees it; `null` without a server. */
  async view(): Promise<SyncServer | null> {
    const row = this.#row;
    if (!row) return null;
    const moved = await this.#parts.store.movedModels(row.id);
    const agreed = await this.#parts.store.agreedPolicies(row.id);
    const isFailing = row.problem !== null;
    const state = this.#running
      ? 'running'
      : Number(row.is_stopped) === 1
        ? 'stopped'
        : Number(row.is_refused) === 1
          ? 'refused'
          : isFailing
            ? 'failing'
            : 'waiting';
    return {
      id: row.id,
      url: row.url,
      engineId: row.engine_id,
      name: row.name,
      mayWrite: Number(row.may_write) === 1,
      mode: row.mode,
      connectedAt: Number(row.connected_at),
      state,
      lastDoneAt: row.last_done_at === null ? null : Number(row.last_done_at),
      lastTriedAt: row.last_tried_at === null ? null : Number(row.last_tried_at),
      nextAt: this.#running ? null : (this.#nextAt ?? null),
      problem: row.problem === null ? null : (JSON.parse(row.problem) as SyncServer['problem']),
      progress: this.#progress ?? null,
      refusals: [
        ...moved.flatMap(one => refusalOf('models', one.subject, one.refusal)),
        ...agreed.flatMap(one => refusalOf('policies', one.scope, one.refusal)),
      ],
      conflicts: agreed.filter(({ conflict }) => conflict !== null).map(({ scope }) => scope),
    };
  }

  /**
   * Connects to a server; the first sync begins at once.
   * @throws AppError `sync.…` with what is wrong, `resource.conflict` while another server is connected; nothing is kept then
   */
  async connect(url: string, code: string): Promise<SyncServer> {
    const { self, store, keys, clock } = this.#parts;
    if (this.#row)
      throw new AppError('resource.conflict', `This engine is connected to ${this.#row.url} already.`, {
        hint: 'Disconnect from it first; what came from it stays.',
      });
    const origin = serverAddress(url);
    const link = await this.#link(origin, undefined);
    const admitted = await link.call(peers.enter, { body: { code, ...self } });
    const agreement = agreeOn(self.speaks, admitted.speaks);
    if ('refused' in agreement) throw new AppError('sync.version-refused', agreement.refused);
    const row: ServerRow = {
      id: newId('server'),
      url: origin,
      engine_id: admitted.engineId,
      name: admitted.engineName,
      may_write: admitted.mayWrite ? 1 : 0,
      mode: agreement.mode,
      connected_at: clock.now(),
      is_stopped: 0,
      is_refused: 0,
      last_done_at: null,
      last_tried_at: null,
      problem: null,
    };
    await keys.keep(row.id, admitted.key);
    await store.insert(row);
    this.#row = row;
    this.#plan(0);
    return this.#demandView();
  }

  /** Forgets the server. @throws AppError `resource.not-found` */
  async disconnect(id: string): Promise<void> {
    const row = this.#demand(id);
    await this.#pause();
    await this.#parts.store.remove(row.id);
    await this.#parts.keys.forget(row.id);
    this.#row = undefined;
    this.#parts.live.publish('sync', 'server', null);
  }

  /** Syncs now, also after a stop or a refusal. @throws AppError `resource.not-found` */
  async now(id: string): Promise<void> {
    const row = this.#demand(id);
    if (this.#running) return;
    await this.#parts.store.forgetRefusals(row.id);
    await this.#change({ is_stopped: 0, is_refused: 0 });
    this.#failures = 0;
    this.#plan(0);
  }

  /** Stops what runs at its next safe place; nothing begins by itself until `now`. @throws AppError `resource.not-found` */
  async stopSync(id: string): Promise<void> {
    this.#demand(id);
    await this.#change({ is_stopped: 1 });
    await this.#pause();
    await this.#publish();
  }

  /** See `listConflicts`. @throws AppError `resource.not-found` */
  async conflicts(id: string): Promise<SyncConflict[]> {
    const row = this.#demand(id);
    return listConflicts(this.#parts.store, this.#parts.policies, row.id);
  }

  /** See `resolveConflict`; when that is refused because a side moved, the next sync, which begins at once, sees how. */
  async resolve(id: string, scope: string, choice: Parameters<typeof resolveConflict>[2]): Promise<void> {
    const row = this.#demand(id);
    const link = async () => this.#link(row.url, await this.#demandKey(row));
    const run = { ...this.#parts, serverId: row.id, serverName: row.name, link };
    await resolveConflict(run, scope, choice).finally(() => {
      if (!this.#running && !this.#mustWait()) this.#plan(0);
    });
    await this.#publish();
  }

  /** See `moveCluster`. @throws AppError `resource.not-found` */
  async moveCluster(id: string, clusterId: string, to: 'server' | 'here') {
    const row = this.#demand(id);
    const link = await this.#link(row.url, await this.#demandKey(row));
    const server = { engineId: row.engine_id, name: row.name, url: row.url };
    return moveCluster({ ...this.#parts.homes, link, server }, clusterId, to);
  }

  /** Ends with the engine. */
  async stop(): Promise<void> {
    this.#isClosed = true;
    await this.#pause();
  }

  async #pause(): Promise<void> {
    clearTimeout(this.#timer);
    this.#nextAt = undefined;
    this.#running?.controller.abort(new Error('stopped'));
    await this.#running?.done;
  }

  #plan(inMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#nextAt = this.#parts.clock.now() + inMs;
    this.#timer = setTimeout(() => this.#begin(), inMs);
    this.#timer.unref();
  }

  #begin(): void {
    if (this.#running || this.#isClosed || !this.#row) return;
    this.#nextAt = undefined;
    const controller = new AbortController();
    const done = this.#run(this.#row, controller.signal)
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'the state of sync was not kept'))
      .then(() => {
        this.#running = undefined;
        this.#progress = undefined;
        const failed = this.#row?.problem !== null && this.#row?.problem !== undefined;
        if (this.#row && !this.#mustWait()) this.#plan(failed ? this.#retryMs() : EVERY_MS);
        return this.#publish();
      });
    this.#running = { controller, done };
    void this.#publish();
  }

  async #run(row: ServerRow, signal: AbortSignal): Promise<void> {
    const { self, store, models, policies, parts, book, prices, clock, log } = this.#parts;
    try {
      await this.#change({ last_tried_at: clock.now() });
      const key = await this.#demandKey(row);
      // Only now: an engine without a server never needs it.
      const { runSync } = await import('./run-sync.ts');
      await runSync({
        self,
        server: { id: row.id, engineId: row.engine_id },
        link: await this.#link(row.url, key),
        store,
        models,
        policies,
        parts,
        book,
        prices,
        clock,
        signal,
        onGreeted: async server => {
          const said = {
            name: server.engineName,
            may_write: server.mayWrite ? (1 as const) : (0 as const),
            mode: server.mode,
          };
          const known = this.#row;
          const isSame =
            known?.name === said.name &&
            Number(known.may_write) === said.may_write &&
            known.mode === said.mode;
          if (!isSame) await this.#change(said);
        },
        report: progress => {
          this.#progress = progress;
          void this.#publish();
        },
      });
      this.#failures = 0;
      await this.#change({ last_done_at: clock.now(), problem: null, is_refused: 0 });
    } catch (error) {
      if (signal.aborted) return;
      const known =
        error instanceof AppError
          ? error
          : new AppError('bug.unexpected', 'Sync failed in a way that it does not know.', { cause: error });
      if (known.kind === 'bug') log.error({ err: error }, 'sync failed');
      this.#failures += 1;
      await this.#change({
        problem: JSON.stringify({ message: known.message, hint: known.hint }),
        is_refused: FOR_PEOPLE.has(known.code) ? 1 : 0,
      });
    }
  }

  async #demandKey(row: ServerRow): Promise<string> {
    const key = await this.#parts.keys.read(row.id);
    if (key !== undefined) return key;
    throw new AppError('sync.key-refused', 'The key for this server is not on this machine any more.');
  }

  async #link(origin: string, key: string | undefined): Promise<PeerLink> {
    const { linkTo, self } = this.#parts;
    if (linkTo) return linkTo(origin, key, self.speaks);
    const { httpLink } = await import('./peer-link.ts');
    return httpLink(origin, key, self.speaks);
  }

  #retryMs(): number {
    return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(10, this.#failures - 1));
  }

  #mustWait(): boolean {
    return Number(this.#row?.is_stopped) === 1 || Number(this.#row?.is_refused) === 1;
  }

  #demand(id: string): ServerRow {
    if (this.#row?.id !== id)
      throw new AppError('resource.not-found', `This engine is not connected to a server "${id}".`);
    return this.#row;
  }

  async #change(values: Partial<ServerRow>): Promise<void> {
    if (!this.#row) return;
    await this.#parts.store.update(this.#row.id, values);
    this.#row = { ...this.#row, ...values };
  }

  async #publish(): Promise<void> {
    const view = await this.view();
    if (view) this.#parts.live.publish('sync', 'server', view);
  }

  async #demandView(): Promise<SyncServer> {
    const view = await this.view();
    if (!view) throw new Error('The server was disconnected in the moment in which it was connected.');
    return view;
  }
}

function refusalOf(part: SyncPart, subject: string, reason: string | null): SyncServer['refusals'] {
  return reason === null ? [] : [{ part, subject, reason }];
}
