import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../common/errors.ts';
import { createEngine, type EngineOptions } from './engine.ts';
import {
  createFollower,
  createLog,
  type Follower,
  LeaderWatch,
  PostgresLease,
  ReplicaTrust,
  systemClock,
} from './platform/index.ts';
import { claimFolder, demandSameFolder } from './same-folder.ts';

const TRY_AGAIN_MS = 1_000;

/** One of several servers over one database: it leads, or follows the one that does. */
export interface Replica {
  readonly url: string;
  /** Rejects when the replica cannot go on: its lead was taken, and what it holds in memory is of no use any more. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/**
 * Leads where nobody does, else follows, and takes the lead once it is free: on the same port, and from where the work
 * stands in the database.
 * @param onLead called each time that this replica begins to lead
 * @throws AppError as `createEngine`
 */
export async function serveReplica(
  options: EngineOptions,
  onLead: (engine: { url: string; launchToken: string }) => void,
): Promise<Replica> {
  const { redisUrl, databaseUrl, replicaSecret, data } = options.settings;
  if (redisUrl === undefined || databaseUrl === undefined || replicaSecret === undefined)
    throw new Error('loadSettings lets no replica through without these');
  const { uiFolder, version, clock = systemClock } = options;
  const log = options.log ?? createLog(options.settings.logLevel);
  const leaseMs = options.settings.replicaLeaseSeconds * 1_000;
  const trust = new ReplicaTrust(replicaSecret);
  const watch = new LeaderWatch(databaseUrl, leaseMs, log);
  const ending = new AbortController();
  const failing = Promise.withResolvers<never>();
  // Whoever serves the replica takes it; until then it is nobody's fault.
  failing.promise.catch(() => undefined);
  let settings = { ...options.settings, redisUrl };
  let follower: Follower | undefined;

  const unfollow = async () => {
    const leaving = follower;
    follower = undefined;
    await leaving?.close();
  };
  const lead = async () => {
    await demandSameFolder(data, watch);
    const lease = new PostgresLease(leaseMs, () =>
      failing.reject(
        new AppError(
          'replica.lead-lost',
          'Another replica took the lead, since this one stood still or lost its database.',
        ),
      ),
    );
    const engine = await createEngine({
      ...options,
      settings,
      log,
      clock,
      lead: { lease, trust, redisUrl, beforeListening: unfollow },
    });
    await claimFolder(data, lease);
    return engine;
  };
  const follow = async () => {
    follower = await createFollower({
      ...{ settings, port: settings.port, uiFolder, version, clock, log, watch, trust },
    });
    // The port that was free is kept.
    settings = { ...settings, port: follower.port };
    return follower;
  };

  let engine: Awaited<ReturnType<typeof lead>> | undefined;
  const first = await lead().catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'storage.in-use') return undefined;
    throw error;
  });
  watch.start();
  if (first) {
    engine = first;
    settings = { ...settings, port: Number(new URL(first.url).port) || settings.port };
    onLead(first);
  }
  const url =
    first?.url ??
    (
      await follow().catch(async error => {
        await watch.close();
        throw error;
      })
    ).url;

  const takeTurns = async () => {
    while (!engine && (await watch.vacancy(ending.signal))) {
      try {
        engine = await lead();
        onLead(engine);
      } catch (error) {
        const isTaken = error instanceof AppError && error.code === 'storage.in-use';
        if (!isTaken) log.error({ err: error }, 'this replica could not take the lead; it tries again');
        await delay(TRY_AGAIN_MS);
        if (!follower && !ending.signal.aborted) await follow();
      }
    }
  };
  const turns = takeTurns().catch((error: unknown) => failing.reject(error));

  return {
    url,
    failed: failing.promise,
    close: async () => {
      ending.abort();
      await turns;
      await unfollow();
      await engine?.close();
      await watch.close();
    },
  };
}
