import type { CapacitySource } from '../../../common/contracts/index.ts';
import type { Database } from '../../platform/index.ts';
import type { DecisionTables } from '../decision-tables.ts';

/** What was chosen for a cluster. */
export interface StoredChoice {
  readonly source: CapacitySource;
  readonly changedAt: number;
  readonly changedBy: string;
}

/** Where new nodes of clusters come from. */
export class CapacityStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(clusterId: string): Promise<StoredChoice | undefined> {
    const row = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_capacity')
      .selectAll()
      .where('cluster_id', '=', clusterId)
      .executeTakeFirst();
    if (!row) return undefined;
    const source = JSON.parse(row.source) as CapacitySource;
    return { source, changedAt: row.changed_at, changedBy: row.changed_by };
  }

  async save(clusterId: string, { source, changedAt, changedBy }: StoredChoice): Promise<void> {
    const values = { source: JSON.stringify(source), changed_at: changedAt, changed_by: changedBy };
    await this.#database.write<DecisionTables, void>(async transaction => {
      await transaction
        .insertInto('decision_capacity')
        .values({ cluster_id: clusterId, ...values })
        .onConflict(conflict => conflict.column('cluster_id').doUpdateSet(values))
        .execute();
    });
  }
}
