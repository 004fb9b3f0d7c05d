import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../common/errors.ts';
import { createEngine, type Engine, type EngineOptions } from './engine.ts';
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
/** After something else than another replica was in the way. */
const FAILED_MS = 5_000;

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
 * @param onLead called when this replica begins to lead
 * @throws AppError as `createEngine`, and `config.invalid` for a data folder that is not that of the others
 */
export async function serveReplica(
  options: EngineOptions,
  onLead: (engine: Engine) => void,
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
  const failed = () =>
    failing.reject(
      new AppError(
        'replica.lead-lost',
        'Another replica took the lead, since this one stood still or lost its database.',
      ),
    );
  let settings = { ...options.settings, redisUrl };
  let follower: Follower | undefined;
  let engine: Engine | undefined;
  let hasLeftPort = false;

  const freePort = () => {
    hasLeftPort = true;
    follower?.leave();
  };
  /** @returns whether it leads now; not when another one was faster */
  const lead = async (): Promise<boolean> => {
    await demandSameFolder(data, watch);
    const lease = new PostgresLease(leaseMs, failed);
    try {
      engine = await createEngine({
        ...options,
        ...{ settings, log, clock },
        lead: { lease, trust, redisUrl, freePort },
      });
    } catch (error) {
      if (error instanceof AppError && error.code === 'storage.in-use') return false;
      throw error;
    }
    await claimFolder(data, lease);
    onLead(engine);
    return true;
  };
  const follow = async () => {
    follower = await createFollower({
      ...{ settings, port: settings.port, uiFolder, version, clock, log, watch, trust },
    });
    // The port that was free is kept.
    settings = { ...settings, port: follower.port };
  };
  const unfollow = async () => {
    await follower?.close();
    follower = undefined;
  };
  const close = async () => {
    ending.abort();
    await turns;
    await unfollow();
    await engine?.close();
    await watch.close();
  };

  const takeTurns = async () => {
    while (await watch.vacancy(ending.signal)) {
      try {
        hasLeftPort = false;
        if (await lead()) break;
        await delay(TRY_AGAIN_MS);
      } catch (error) {
        log.error({ err: error }, 'this replica could not take the lead; it tries again');
        if (hasLeftPort) {
          await unfollow();
          await follow();
        }
        await delay(FAILED_MS);
      }
    }
    if (!engine) return;
    // What was asked while nobody led is answered by this one; until then it has to know of itself.
    await unfollow();
    await watch.close();
  };
  let turns: Promise<void> = Promise.resolve();
  try {
    if (!(await lead())) {
      watch.start();
      await follow();
      turns = takeTurns().catch((error: unknown) => failing.reject(error));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { url: (engine ?? follower)?.url ?? '', failed: failing.promise, close };
}
