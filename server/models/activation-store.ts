import type { Transaction } from 'kysely';
import type {
  ActivationEntry,
  AssignmentRule,
  Experiment,
  Guardrails,
} from '../../common/contracts/index.ts';
import type { Database } from '../platform/index.ts';
import { updateModel } from './model-store.ts';
import type { ExperimentRow, ModelState, ModelTables, ModelTask } from './model-tables.ts';

/** An entry of the ledger together with the task it is about. */
export interface LedgerEntry extends ActivationEntry {
  readonly task: ModelTask;
}

/** An entry before it has its number. Reason and rule are for those that need them. */
export type NewLedgerEntry = Omit<LedgerEntry, 'seq' | 'reason' | 'rule'> &
  Partial<Pick<LedgerEntry, 'reason' | 'rule'>>;

/** What happens together with new entries of the ledger, or not at all. */
export interface LedgerEffects {
  readonly states?: readonly { readonly id: string; readonly state: ModelState }[];
  readonly starts?: Experiment;
  readonly ends?: Pick<Experiment, 'id' | 'endedAt' | 'endedBy' | 'outcome' | 'endReason'>;
}

/** The ledger of activations, which only grows, and the experiments that it names. */
export class ActivationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Oldest first. */
  async ledger(): Promise<LedgerEntry[]> {
    const rows = await this.#database
      .reader<ModelTables>()
      .selectFrom('model_activations')
      .selectAll()
      .orderBy('seq')
      .execute();
    return rows.map(({ model_id, rule, at, ...row }) => ({
      ...row,
      at: Number(at),
      modelId: model_id,
      rule: rule === null ? null : (JSON.parse(rule) as AssignmentRule),
    }));
  }

  /** Appends to the ledger, with the effects that belong to the entries, in one transaction. */
  async append(entries: readonly NewLedgerEntry[], effects: LedgerEffects = {}): Promise<void> {
    await this.#database.write<ModelTables, void>(async transaction => {
      const { starts, ends, states = [] } = effects;
      if (starts)
        await transaction.insertInto('model_experiments').values(rowFromExperiment(starts)).execute();
      if (ends) await endExperiment(transaction, ends);
      await appendEntries(transaction, entries);
      for (const { id, state } of states) await updateModel(transaction, id, { state });
    });
  }

  /** Newest first. */
  async experiments(): Promise<Experiment[]> {
    const rows = await this.#database
      .reader<ModelTables>()
      .selectFrom('model_experiments')
      .selectAll()
      .orderBy('started_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map(experimentFromRow);
  }
}

async function appendEntries(
  transaction: Transaction<ModelTables>,
  entries: readonly NewLedgerEntry[],
): Promise<void> {
  const last = await transaction
    .selectFrom('model_activations')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  for (const [index, { modelId, reason, rule, ...rest }] of entries.entries()) {
    await transaction
      .insertInto('model_activations')
      .values({
        ...rest,
        model_id: modelId,
        reason: reason ?? null,
        rule: rule ? JSON.stringify(rule) : null,
        seq: (last?.seq ?? 0) + 1 + index,
      })
      .execute();
  }
}

async function endExperiment(
  transaction: Transaction<ModelTables>,
  { id, endedAt, endedBy, outcome, endReason }: NonNullable<LedgerEffects['ends']>,
): Promise<void> {
  await transaction
    .updateTable('model_experiments')
    .set({ ended_at: endedAt, ended_by: endedBy, outcome, end_reason: endReason })
    .where('id', '=', id)
    .execute();
}

function rowFromExperiment(experiment: Experiment): ExperimentRow {
  return {
    id: experiment.id,
    task: experiment.task,
    champion_id: experiment.championId,
    challenger_id: experiment.challengerId,
    rule: JSON.stringify(experiment.rule),
    alpha: experiment.alpha,
    guardrails: JSON.stringify(experiment.guardrails),
    started_at: experiment.startedAt,
    started_by: experiment.startedBy,
    ended_at: experiment.endedAt,
    ended_by: experiment.endedBy,
    outcome: experiment.outcome,
    end_reason: experiment.endReason,
  };
}

function experimentFromRow(row: ExperimentRow): Experiment {
  return {
    id: row.id,
    task: row.task,
    championId: row.champion_id,
    challengerId: row.challenger_id,
    rule: JSON.parse(row.rule) as AssignmentRule,
    alpha: row.alpha,
    guardrails: JSON.parse(row.guardrails) as Guardrails,
    startedAt: Number(row.started_at),
    startedBy: row.started_by,
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    endedBy: row.ended_by,
    outcome: row.outcome,
    endReason: row.end_reason,
  };
}
