import type { Transaction } from 'kysely';
import { MS_PER_HOUR, type PoolKey } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ForecastTables, SpotNodeRow } from './forecast-tables.ts';
import type { ObservedInterruption, ObservedSpotNode, SpotNode, SpotNotice } from './spot-node.ts';

/** The notice of a node that is gone already may come this late. */
const LATE_NOTICE_MS = MS_PER_HOUR;
/** Databases limit the parameters of a statement. */
const ROWS_PER_STATEMENT = 500;

/** How long Spot nodes ran, and which were interrupted: what probabilities of interruption are held against. */
export class SpotNodeStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All Spot nodes of a cluster as of a time: those that were there before and are not now, have ended when last seen. */
  async observe(clusterId: string, nodes: readonly ObservedSpotNode[], atMs: number): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      const open = await transaction
        .selectFrom('spot_nodes')
        .select('node_uid')
        .where('cluster_id', '=', clusterId)
        .where('ended_at', 'is', null)
        .execute();
      const present = new Set(nodes.map(({ uid }) => uid));
      const gone = open.map(row => row.node_uid).filter(uid => !present.has(uid));
      for (let start = 0; start < gone.length; start += ROWS_PER_STATEMENT) {
        await transaction
          .updateTable('spot_nodes')
          .set(query => ({ ended_at: query.ref('last_seen_at') }))
          .where('cluster_id', '=', clusterId)
          .where('node_uid', 'in', gone.slice(start, start + ROWS_PER_STATEMENT))
          .execute();
      }
      for (let start = 0; start < nodes.length; start += ROWS_PER_STATEMENT) {
        await seeIn(transaction, clusterId, nodes.slice(start, start + ROWS_PER_STATEMENT), atMs);
      }
    });
  }

  /**
   * Notes that a node is taken away. A second notice changes nothing; one about a node that was never seen tells no pool, so
   * it cannot count.
   * @returns whether it counted
   */
  async interrupt({ clusterId, nodeName, atMs }: ObservedInterruption): Promise<boolean> {
    return await this.#database.write<ForecastTables, boolean>(async transaction => {
      const row = await newestNodeIn(transaction, clusterId, nodeName);
      if (!row || row.interrupted_at !== null) return false;
      if (atMs - Number(row.last_seen_at) > LATE_NOTICE_MS && row.ended_at !== null) return false;
      const interruptedAt = Math.max(atMs, Number(row.first_seen_at));
      await transaction
        .updateTable('spot_nodes')
        .set({ interrupted_at: interruptedAt, ended_at: interruptedAt, last_seen_at: interruptedAt })
        .where('cluster_id', '=', clusterId)
        .where('node_uid', '=', row.node_uid)
        .execute();
      return true;
    });
  }

  /**
   * Notes that AWS recommends to leave a node; the newest counts.
   * @returns whether the node is known
   */
  async recommend({ clusterId, nodeName, atMs }: ObservedInterruption): Promise<boolean> {
    return await this.#database.write<ForecastTables, boolean>(async transaction => {
      const row = await newestNodeIn(transaction, clusterId, nodeName);
      if (!row) return false;
      await transaction
        .updateTable('spot_nodes')
        .set({ rebalance_at: Math.max(atMs, Number(row.rebalance_at ?? 0)) })
        .where('cluster_id', '=', clusterId)
        .where('node_uid', '=', row.node_uid)
        .execute();
      return true;
    });
  }

  /** What was said of nodes at or after a time, by pool. */
  async noticesSince(fromMs: number): Promise<Map<PoolKey, SpotNotice[]>> {
    const rows = await this.#database
      .reader<ForecastTables>()
      .selectFrom('spot_nodes')
      .select(['pool', 'interrupted_at', 'rebalance_at'])
      .where(query => query.or([query('interrupted_at', '>=', fromMs), query('rebalance_at', '>=', fromMs)]))
      .execute();
    const notices = new Map<PoolKey, SpotNotice[]>();
    for (const row of rows) {
      const pool = row.pool as PoolKey;
      const own = notices.get(pool) ?? [];
      notices.set(pool, own);
      const add = (kind: SpotNotice['kind'], at: number | null) => {
        if (at !== null && at >= fromMs) own.push({ kind, atMs: Number(at) });
      };
      add('interruption', row.interrupted_at);
      add('rebalance', row.rebalance_at);
    }
    return notices;
  }

  /** Nodes that were seen at or after a time. */
  async seenSince(fromMs: number): Promise<SpotNode[]> {
    const rows = await this.#database
      .reader<ForecastTables>()
      .selectFrom('spot_nodes')
      .selectAll()
      .where('last_seen_at', '>=', fromMs)
      .orderBy('cluster_id')
      .orderBy('node_uid')
      .execute();
    return rows.map(nodeFromRow);
  }

  /** Removes nodes that were last seen before a time. */
  async forgetBefore(atMs: number): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('spot_nodes').where('last_seen_at', '<', atMs).execute();
    });
  }
}

function newestNodeIn(
  transaction: Transaction<ForecastTables>,
  clusterId: string,
  nodeName: string,
): Promise<SpotNodeRow | undefined> {
  return transaction
    .selectFrom('spot_nodes')
    .selectAll()
    .where('cluster_id', '=', clusterId)
    .where('node_name', '=', nodeName)
    .orderBy('first_seen_at', 'desc')
    .executeTakeFirst();
}

/** A node that was interrupted stays so, also while it is still seen for its last two minutes. */
async function seeIn(
  transaction: Transaction<ForecastTables>,
  clusterId: string,
  nodes: readonly ObservedSpotNode[],
  atMs: number,
): Promise<void> {
  const rows = nodes.map(({ uid, name, pool }) => ({
    cluster_id: clusterId,
    node_uid: uid,
    node_name: name,
    pool,
    first_seen_at: atMs,
    last_seen_at: atMs,
    ended_at: null,
    interrupted_at: null,
    rebalance_at: null,
  }));
  await transaction
    .insertInto('spot_nodes')
    .values(rows)
    .onConflict(conflict =>
      conflict
        .columns(['cluster_id', 'node_uid'])
        .doUpdateSet({ last_seen_at: atMs, ended_at: null })
        .where('spot_nodes.interrupted_at', 'is', null),
    )
    .execute();
}

function nodeFromRow(row: SpotNodeRow): SpotNode {
  return {
    clusterId: row.cluster_id,
    uid: row.node_uid,
    name: row.node_name,
    pool: row.pool as PoolKey,
    fromMs: Number(row.first_seen_at),
    untilMs: Number(row.interrupted_at ?? row.ended_at ?? row.last_seen_at),
    interruptedMs: row.interrupted_at === null ? undefined : Number(row.interrupted_at),
  };
}
