import type { BacktestPoolRow, BacktestReport } from '../../common/contracts/index.ts';
import type { Database } from '../platform/index.ts';
import type { BacktestResult } from './backtest/index.ts';
import type { ForecastTables } from './forecast-tables.ts';

/** A report with its pools takes some hundred kilobytes. */
const MOST_KEPT = 50;

/** What backtests found out, the newest ones. */
export class BacktestStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a result, and forgets the oldest beyond fifty. The same job again takes the place of what it said before. */
  async save(
    jobId: string,
    modelId: string,
    endedAt: number,
    { report, pools }: BacktestResult,
  ): Promise<void> {
    const change = {
      model_id: modelId,
      ended_at: endedAt,
      report: JSON.stringify(report),
      pools: JSON.stringify(pools),
    };
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction
        .insertInto('backtests')
        .values({ job_id: jobId, ...change })
        .onConflict(conflict => conflict.column('job_id').doUpdateSet(change))
        .execute();
      const old = await transaction
        .selectFrom('backtests')
        .select('job_id')
        .orderBy('ended_at', 'desc')
        .orderBy('job_id')
        .offset(MOST_KEPT)
        .limit(MOST_KEPT)
        .execute();
      const ids = old.map(row => row.job_id);
      if (ids.length > 0) await transaction.deleteFrom('backtests').where('job_id', 'in', ids).execute();
    });
  }

  async report(jobId: string): Promise<BacktestReport | undefined> {
    const row = await this.#database
      .reader<ForecastTables>()
      .selectFrom('backtests')
      .select('report')
      .where('job_id', '=', jobId)
      .executeTakeFirst();
    return row && (JSON.parse(row.report) as BacktestReport);
  }

  async pools(jobId: string): Promise<BacktestPoolRow[] | undefined> {
    const row = await this.#database
      .reader<ForecastTables>()
      .selectFrom('backtests')
      .select('pools')
      .where('job_id', '=', jobId)
      .executeTakeFirst();
    return row && (JSON.parse(row.pools) as BacktestPoolRow[]);
  }

  async forgetModel(modelId: string): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('backtests').where('model_id', '=', modelId).execute();
    });
  }
}
