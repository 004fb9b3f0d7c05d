import type { Database } from '../platform/index.ts';
import {
  asKept,
  type BacktestFindings,
  findingsFrom,
  type KeptReport,
  reportFrom,
} from './backtest-findings.ts';
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
  async save(jobId: string, modelId: string, endedAt: number, findings: BacktestFindings): Promise<void> {
    const change = { model_id: modelId, ended_at: endedAt, ...asKept(findings) };
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

  async report(jobId: string): Promise<KeptReport | undefined> {
    const row = await this.#database
      .reader<ForecastTables>()
      .selectFrom('backtests')
      .select('report')
      .where('job_id', '=', jobId)
      .executeTakeFirst();
    return row && reportFrom(row.report);
  }

  async findings(jobId: string): Promise<BacktestFindings | undefined> {
    const row = await this.#database
      .reader<ForecastTables>()
      .selectFrom('backtests')
      .select(['report', 'pools'])
      .where('job_id', '=', jobId)
      .executeTakeFirst();
    return row && findingsFrom(row.report, row.pools);
  }

  async forgetModel(modelId: string): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('backtests').where('model_id', '=', modelId).execute();
    });
  }
}
