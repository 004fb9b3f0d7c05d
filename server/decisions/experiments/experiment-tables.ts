import { type Kysely, sql } from 'kysely';
import type { EngineExperiment, EngineLedgerEntry } from '../../../common/contracts/index.ts';
import type { Migrations } from '../../platform/index.ts';

/** `rule`, `guardrails` and `challenger_parameters` are JSON. */
export interface EngineExperimentRow {
  id: string;
  champion_id: string;
  challenger_id: string;
  champion_name: string;
  challenger_name: string;
  challenger_parameters: string;
  rule: string;
  alpha: number;
  guardrails: string;
  started_at: number;
  started_by: string;
  ended_at: number | null;
  ended_by: string | null;
  outcome: EngineExperiment['outcome'];
  end_reason: string | null;
}

/** Rows are added, never changed. `experiment` is JSON. */
export interface EngineLedgerRow {
  seq: number;
  at: number;
  kind: EngineLedgerEntry['kind'];
  engine_id: string;
  cluster_id: string | null;
  actor: string;
  reason: string | null;
  experiment: string | null;
}

/**
 * What engines said in one run, as figures. Those of an engine that was not asked, gave no answer, or could not be compared are null.
 * `hour` counts from the start of the experiment; a share is of the present cost of the cluster.
 */
export interface EngineTrialRow {
  id: string;
  experiment_id: string;
  cluster_id: string;
  at: number;
  hour: number;
  champion_saved: number | null;
  champion_share: number | null;
  champion_moves: number | null;
  challenger_saved: number | null;
  challenger_share: number | null;
  challenger_moves: number | null;
  challenger_proposals: number;
  challenger_refused: number;
  failure: 'invalid' | 'overrun' | null;
  failure_reason: string | null;
}

/** Tables of experiments between engines. */
export interface EngineExperimentTables {
  decision_engine_experiments: EngineExperimentRow;
  decision_engine_ledger: EngineLedgerRow;
  decision_engine_trials: EngineTrialRow;
}

export const engineExperimentMigrations: Migrations = {
  '2026-11-28-engine-experiments': {
    up: async database => {
      await createExperiments(database);
      await createLedger(database);
      await createTrials(database);
    },
  },
};

async function createExperiments(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('decision_engine_experiments')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('champion_id', 'text', column => column.notNull())
    .addColumn('challenger_id', 'text', column => column.notNull())
    .addColumn('champion_name', 'text', column => column.notNull())
    .addColumn('challenger_name', 'text', column => column.notNull())
    .addColumn('challenger_parameters', 'text', column => column.notNull())
    .addColumn('rule', 'text', column => column.notNull())
    .addColumn('alpha', 'double precision', column => column.notNull())
    .addColumn('guardrails', 'text', column => column.notNull())
    .addColumn('started_at', 'bigint', column => column.notNull())
    .addColumn('started_by', 'text', column => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_by', 'text')
    .addColumn('outcome', 'text', column => column.notNull())
    .addColumn('end_reason', 'text')
    .execute();
}

/** Choices that were made before there was a ledger are its first entries. */
async function createLedger(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('decision_engine_ledger')
    .addColumn('seq', 'integer', column => column.primaryKey())
    .addColumn('at', 'bigint', column => column.notNull())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('engine_id', 'text', column => column.notNull())
    .addColumn('cluster_id', 'text')
    .addColumn('actor', 'text', column => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('experiment', 'text')
    .execute();
  await sql`insert into decision_engine_ledger (seq, at, kind, engine_id, cluster_id, actor)
    select row_number() over (order by changed_at, cluster_id), changed_at, 'chosen', engine_id, cluster_id, changed_by
    from decision_engine_choices`.execute(database);
}

async function createTrials(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('decision_engine_trials')
    .addColumn('id', 'text', column => column.primaryKey())
    .addColumn('experiment_id', 'text', column => column.notNull())
    .addColumn('cluster_id', 'text', column => column.notNull())
    .addColumn('at', 'bigint', column => column.notNull())
    .addColumn('hour', 'integer', column => column.notNull())
    .addColumn('champion_saved', 'bigint')
    .addColumn('champion_share', 'double precision')
    .addColumn('champion_moves', 'integer')
    .addColumn('challenger_saved', 'bigint')
    .addColumn('challenger_share', 'double precision')
    .addColumn('challenger_moves', 'integer')
    .addColumn('challenger_proposals', 'integer', column => column.notNull())
    .addColumn('challenger_refused', 'integer', column => column.notNull())
    .addColumn('failure', 'text')
    .addColumn('failure_reason', 'text')
    .execute();
  await database.schema
    .createIndex('decision_engine_trials_by_hour')
    .on('decision_engine_trials')
    .columns(['experiment_id', 'hour'])
    .execute();
}
