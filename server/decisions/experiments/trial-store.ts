import { sql } from 'kysely';
import type { Database } from '../../platform/index.ts';
import type { EngineExperimentTables, EngineTrialRow } from './experiment-tables.ts';
import type { ProposedFigures } from './trial-figures.ts';

/** What was learned in one run. In shadow both answered, or the challenger failed; in an A/B one of the two was asked. */
export interface EngineTrial {
  readonly id: string;
  readonly experimentId: string;
  readonly clusterId: string;
  readonly at: number;
  /** Whole hours since the start of the experiment. */
  readonly hour: number;
  readonly champion: ProposedFigures | null;
  readonly challenger: ProposedFigures | null;
  /** Why the challenger gave no answer. */
  readonly failure: { readonly kind: 'invalid' | 'overrun'; readonly reason: string } | null;
}

/** Mean difference of an hour: each cluster counts the same, however often it was run. */
export interface HourDifference {
  readonly hour: number;
  readonly value: number;
}

/** Sums over the runs that an engine answered and whose cost was known. */
export interface ArmTotals {
  readonly clusters: number;
  readonly runs: number;
  readonly savedMicroUsdPerHour: number;
  readonly savedShare: number;
  readonly moves: number;
}

/** Sums over all runs of an experiment. */
export interface TrialTotals {
  readonly runs: number;
  readonly compared: number;
  readonly champion: ArmTotals;
  readonly challenger: ArmTotals;
  /** Moves of the challenger that became proposals, and those that the rules refused. */
  readonly proposals: number;
  readonly refused: number;
  readonly invalidAnswers: number;
  readonly overruns: number;
  /** Of the last one. */
  readonly failureReason: string | null;
}

/** What engines said in the runs of experiments. */
export class TrialStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(trial: EngineTrial): Promise<void> {
    await this.#database.write<EngineExperimentTables, void>(async transaction => {
      await transaction.insertInto('decision_engine_trials').values(rowFromTrial(trial)).execute();
    });
  }

  /** Hours before `beforeHour` in which both engines were asked about the same states, oldest first. */
  async hours(experimentId: string, beforeHour: number): Promise<HourDifference[]> {
    const rows = await this.#database
      .reader<EngineExperimentTables>()
      .selectFrom(inner =>
        inner
          .selectFrom('decision_engine_trials')
          .select(['hour', sql<number>`avg(challenger_share - champion_share)`.as('difference')])
          .where('experiment_id', '=', experimentId)
          .where('hour', '<', beforeHour)
          .where('challenger_share', 'is not', null)
          .where('champion_share', 'is not', null)
          .groupBy(['hour', 'cluster_id'])
          .as('clusters'),
      )
      .select(['clusters.hour', sql<number>`avg(clusters.difference)`.as('value')])
      .groupBy('clusters.hour')
      .orderBy('clusters.hour')
      .execute();
    return rows.map(({ hour, value }) => ({ hour: Number(hour), value: Number(value) }));
  }

  async totals(experimentId: string): Promise<TrialTotals> {
    const reader = this.#database.reader<EngineExperimentTables>();
    const last = await reader
      .selectFrom('decision_engine_trials')
      .select('failure_reason')
      .where('experiment_id', '=', experimentId)
      .where('failure', 'is not', null)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    const sums = await reader
      .selectFrom('decision_engine_trials')
      .select([
        sql<number>`count(*)`.as('runs'),
        sql<number>`sum(case when champion_share is not null and challenger_share is not null then 1 else 0 end)`.as(
          'compared',
        ),
        sql<number>`sum(challenger_proposals)`.as('proposals'),
        sql<number>`sum(challenger_refused)`.as('refused'),
        sql<number>`sum(case when failure = 'invalid' then 1 else 0 end)`.as('invalid'),
        sql<number>`sum(case when failure = 'overrun' then 1 else 0 end)`.as('overruns'),
      ])
      .where('experiment_id', '=', experimentId)
      .executeTakeFirstOrThrow();
    return {
      runs: Number(sums.runs),
      compared: Number(sums.compared),
      champion: await this.#arm(experimentId, 'champion'),
      challenger: await this.#arm(experimentId, 'challenger'),
      proposals: Number(sums.proposals),
      refused: Number(sums.refused),
      invalidAnswers: Number(sums.invalid),
      overruns: Number(sums.overruns),
      failureReason: last?.failure_reason ?? null,
    };
  }

  async #arm(experimentId: string, arm: 'champion' | 'challenger'): Promise<ArmTotals> {
    const sums = await this.#database
      .reader<EngineExperimentTables>()
      .selectFrom('decision_engine_trials')
      .select([
        sql<number>`count(distinct cluster_id)`.as('clusters'),
        sql<number>`count(*)`.as('runs'),
        sql<number>`sum(${sql.ref(`${arm}_saved`)})`.as('saved'),
        sql<number>`sum(${sql.ref(`${arm}_share`)})`.as('share'),
        sql<number>`sum(${sql.ref(`${arm}_moves`)})`.as('moves'),
      ])
      .where('experiment_id', '=', experimentId)
      .where(`${arm}_share`, 'is not', null)
      .executeTakeFirstOrThrow();
    return {
      clusters: Number(sums.clusters),
      runs: Number(sums.runs),
      savedMicroUsdPerHour: Number(sums.saved),
      savedShare: Number(sums.share),
      moves: Number(sums.moves),
    };
  }
}

function rowFromTrial({ champion, challenger, failure, ...trial }: EngineTrial): EngineTrialRow {
  return {
    id: trial.id,
    experiment_id: trial.experimentId,
    cluster_id: trial.clusterId,
    at: trial.at,
    hour: trial.hour,
    champion_saved: champion?.savedMicroUsdPerHour ?? null,
    champion_share: champion?.savedShare ?? null,
    champion_moves: champion?.moves ?? null,
    challenger_saved: challenger?.savedMicroUsdPerHour ?? null,
    challenger_share: challenger?.savedShare ?? null,
    challenger_moves: challenger?.moves ?? null,
    challenger_proposals: challenger?.proposals ?? 0,
    challenger_refused: challenger?.refused ?? 0,
    failure: failure?.kind ?? null,
    failure_reason: failure?.reason ?? null,
  };
}
