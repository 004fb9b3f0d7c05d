import type { Drift, Evaluation, RiskEvaluation } from '../../common/contracts/index.ts';
import type { Database } from '../platform/index.ts';
import type { ForecastTables } from './forecast-tables.ts';

/** The last run of a model. */
export interface ForecastRun {
  readonly modelId: string;
  readonly endedAt: number;
  readonly pools: number;
  readonly predictions: number;
  /** Why it failed; `null` when it did not. */
  readonly message: string | null;
  readonly evaluation: Evaluation | null;
  /** Of a model for interruption. */
  readonly risk: RiskEvaluation | null;
  /** The last predicted time that was held against what happened. */
  readonly comparedUntilMs: number | null;
}

/** The last run and drift check of each model, and when its process failed. */
export class RunStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async saveRun(run: ForecastRun): Promise<void> {
    const row = {
      model_id: run.modelId,
      ended_at: run.endedAt,
      pools: run.pools,
      predictions: run.predictions,
      message: run.message,
      evaluation: run.evaluation === null ? null : JSON.stringify(run.evaluation),
      risk: run.risk === null ? null : JSON.stringify(run.risk),
      compared_until: run.comparedUntilMs,
    };
    const { model_id: _, ...change } = row;
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction
        .insertInto('forecast_runs')
        .values(row)
        .onConflict(conflict => conflict.column('model_id').doUpdateSet(change))
        .execute();
    });
  }

  async lastRun(modelId: string): Promise<ForecastRun | undefined> {
    const row = await this.#database
      .reader<ForecastTables>()
      .selectFrom('forecast_runs')
      .selectAll()
      .where('model_id', '=', modelId)
      .executeTakeFirst();
    if (!row) return undefined;
    return {
      modelId: row.model_id,
      endedAt: Number(row.ended_at),
      pools: row.pools,
      predictions: row.predictions,
      message: row.message,
      evaluation: row.evaluation === null ? null : readEvaluation(row.evaluation),
      risk: row.risk === null ? null : (JSON.parse(row.risk) as RiskEvaluation),
      comparedUntilMs: row.compared_until === null ? null : Number(row.compared_until),
    };
  }

  /** Remembers that the process of a model failed. */
  async recordFailure(modelId: string, at: number, message: string): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.insertInto('forecast_failures').values({ model_id: modelId, at, message }).execute();
    });
  }

  /** Failures of a model in `[fromMs, toMs]`. */
  async countFailures(modelId: string, fromMs: number, toMs: number): Promise<number> {
    const { count } = await this.#database
      .reader<ForecastTables>()
      .selectFrom('forecast_failures')
      .select(query => query.fn.countAll().as('count'))
      .where('model_id', '=', modelId)
      .where('at', '>=', fromMs)
      .where('at', '<=', toMs)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async saveDrift(modelId: string, at: number, drift: Drift): Promise<void> {
    const body = JSON.stringify(drift);
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction
        .insertInto('drift_checks')
        .values({ model_id: modelId, at, body })
        .onConflict(conflict => conflict.column('model_id').doUpdateSet({ at, body }))
        .execute();
    });
  }

  /** The last drift check of a model and when it was made. */
  async lastDrift(modelId: string): Promise<{ at: number; drift: Drift } | undefined> {
    const row = await this.#database
      .reader<ForecastTables>()
      .selectFrom('drift_checks')
      .selectAll()
      .where('model_id', '=', modelId)
      .executeTakeFirst();
    return row && { at: Number(row.at), drift: JSON.parse(row.body) as Drift };
  }

  /** Removes failures before a time. */
  async forgetBefore(at: number): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('forecast_failures').where('at', '<', at).execute();
    });
  }

  /** Removes all that is kept here of a model. */
  async forgetModel(modelId: string): Promise<void> {
    await this.#database.write<ForecastTables, void>(async transaction => {
      await transaction.deleteFrom('forecast_runs').where('model_id', '=', modelId).execute();
      await transaction.deleteFrom('forecast_failures').where('model_id', '=', modelId).execute();
      await transaction.deleteFrom('drift_checks').where('model_id', '=', modelId).execute();
    });
  }
}

/** Runs of an earlier version say nothing of bands. */
function readEvaluation(text: string): Evaluation {
  const evaluation = JSON.parse(text) as Omit<Evaluation, 'band'> & Partial<Pick<Evaluation, 'band'>>;
  return { ...evaluation, band: evaluation.band ?? null };
}
