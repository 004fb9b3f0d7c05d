import type { Transaction } from 'kysely';
import type { ClusterEventView } from '../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ClusterTables } from './cluster-tables.ts';

/** Older ones of a cluster are forgotten. */
const KEPT = 2_000;

/** Something that happened, before it has its number. */
export type SeenEvent = Omit<ClusterEventView, 'seq'>;

/** What happened in each cluster, numbered from one. */
export class EventStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Adds events in the transaction of the batch that told of them. One that was told within the hour before it is the same:
   * an agent that was started anew tells all of the last hour again.
   * @returns the number of the newest event; `undefined` when nothing was added
   */
  async addIn(
    transaction: Transaction<ClusterTables>,
    clusterId: string,
    events: readonly SeenEvent[],
  ): Promise<number | undefined> {
    if (events.length === 0) return undefined;
    const { newest } = await transaction
      .selectFrom('cluster_events')
      .select(row => row.fn.max('seq').as('newest'))
      .where('cluster_id', '=', clusterId)
      .executeTakeFirstOrThrow();
    const before = Number(newest ?? 0);
    let seq = before;
    for (const { at, reason, object, message, severity } of events) {
      const known = await transaction
        .selectFrom('cluster_events')
        .select('seq')
        .where('cluster_id', '=', clusterId)
        .where('reason', '=', reason)
        .where('object', '=', object)
        .where('message', '=', message)
        .where('at_ms', '>', at - MS_PER_HOUR)
        .executeTakeFirst();
      if (known) continue;
      seq++;
      await transaction
        .insertInto('cluster_events')
        .values({ cluster_id: clusterId, seq, at_ms: at, reason, object, message, severity })
        .execute();
    }
    if (seq === before) return undefined;
    await transaction
      .deleteFrom('cluster_events')
      .where('cluster_id', '=', clusterId)
      .where('seq', '<=', seq - KEPT)
      .execute();
    return seq;
  }

  /** Newest first, those before number `before` where it is given. */
  async list(clusterId: string, limit: number, before?: number): Promise<ClusterEventView[]> {
    let query = this.#database
      .reader<ClusterTables>()
      .selectFrom('cluster_events')
      .selectAll()
      .where('cluster_id', '=', clusterId)
      .orderBy('seq', 'desc')
      .limit(limit);
    if (before !== undefined) query = query.where('seq', '<', before);
    const rows = await query.execute();
    return rows.map(({ seq, at_ms, reason, object, message, severity }) => ({
      seq,
      at: at_ms,
      reason,
      object,
      message,
      severity,
    }));
  }
}
