import type { Database } from '../platform/index.ts';
import type { ForecastTables } from './forecast-tables.ts';
import type { PairedBlock } from './paired-errors.ts';

/**
 * Blocks that were judged, by judgement (`experiment/{id}`, `gate/{model}/{activated at}`). A block that was looked at stays
 * as it was, also after the predictions it was made from are gone.
 */
export class BlockStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds blocks; one that is there already stays as it is. */
  async add(
    judgement: string,
    models: { readonly first: string; readonly second: string },
    blocks: readonly PairedBlock[],
  ): Promise<void> {
    if (blocks.length === 0) return;
    const rows = blocks.map(block => ({
      judgement,
      start_ms: block.startMs,
      first_id: models.first,
      second_id: models.second,
      body: JSON.stringify(block),
    }));
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction
        .insertInto('judged_blocks')
        .values(rows)
        .onConflict(conflict => conflict.columns(['judgement', 'start_ms']).doNothing())
        .execute();
    });
  }

  /** Blocks of a judgement, oldest first. */
  async of(judgement: string): Promise<PairedBlock[]> {
    const rows = await this.#database
      .reader<ForecastTables>()
      .selectFrom('judged_blocks')
      .select('body')
      .where('judgement', '=', judgement)
      .orderBy('start_ms')
      .execute();
    return rows.map(row => JSON.parse(row.body) as PairedBlock);
  }

  /** Removes every block in which a model took part. */
  async forgetModel(modelId: string): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction
        .deleteFrom('judged_blocks')
        .where(query => query.or([query('first_id', '=', modelId), query('second_id', '=', modelId)]))
        .execute();
    });
  }
}
