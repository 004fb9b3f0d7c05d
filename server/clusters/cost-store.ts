import { MS_PER_DAY } from '../../common/units/index.ts';
import type { Database } from '../platform/index.ts';
import type { ClusterTables } from './cluster-tables.ts';

/** How long samples are kept. */
const KEPT_MS = 400 * MS_PER_DAY;

/** What a cluster cost at a moment; there is no sample for a time when its agent was away. */
export interface CostSample {
  readonly clusterId: string;
  readonly atMs: number;
  /** Sum over nodes with a known price; null when none was known. */
  readonly costMicroUsdPerHour: number | null;
  readonly nodesWithUnknownPrice: number;
}

/** Cost of clusters minute by minute. */
export class CostStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds samples of one moment; a moment that has one already keeps it. */
  async add(samples: readonly CostSample[], nowMs: number): Promise<void> {
    if (samples.length === 0) return;
    await this.#database.write<ClusterTables, void>(async transaction => {
      await transaction
        .deleteFrom('cost_samples')
        .where('at_ms', '<', nowMs - KEPT_MS)
        .execute();
      for (const { clusterId, atMs, costMicroUsdPerHour, nodesWithUnknownPrice } of samples) {
        await transaction
          .insertInto('cost_samples')
          .values({
            at_ms: atMs,
            cluster_id: clusterId,
            cost_micro_usd_per_hour: costMicroUsdPerHour,
            nodes_with_unknown_price: nodesWithUnknownPrice,
          })
          .onConflict(conflict => conflict.columns(['at_ms', 'cluster_id']).doNothing())
          .execute();
      }
    });
  }

  /** Samples with `fromMs` ≤ at < `toMs`, by time, then cluster. */
  async list(fromMs: number, toMs: number): Promise<CostSample[]> {
    const rows = await this.#database
      .reader<ClusterTables>()
      .selectFrom('cost_samples')
      .selectAll()
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<', toMs)
      .orderBy('at_ms')
      .orderBy('cluster_id')
      .execute();
    return rows.map(row => ({
      clusterId: row.cluster_id,
      atMs: row.at_ms,
      costMicroUsdPerHour: row.cost_micro_usd_per_hour,
      nodesWithUnknownPrice: row.nodes_with_unknown_price,
    }));
  }
}
