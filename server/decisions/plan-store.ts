import { sql, type Transaction } from 'kysely';
import type { DecisionRun, Plan, PlanPod, PlanState, RunNode } from '../../common/contracts/index.ts';
import { atOnce, type Database, inTurns } from '../platform/index.ts';
import { begunAt, type DecisionTables, planText } from './decision-tables.ts';
import { listedPlan, listedRun } from './listed-plan.ts';
import { PlanPods, podPieces } from './plan-pods.ts';
import { type Breaker, closedBreaker } from './policy/breaker.ts';

type InTransaction = Transaction<DecisionTables>;

/** A cluster that begins a plan each five minutes comes to this in a day and a half. */
const MOST_STARTED = 400;

/** States of plans that began. */
const STARTED: PlanState[] = ['running', 'stopping', 'succeeded', 'failed', 'stopped'];
/** Plans are never removed, and writes follow each other: the number grows with each change. */
const NEXT_CHANGE = sql<number>`(select coalesce(max(changed), 0) + 1 from decision_plans)`;

/** Every query on plans, runs and breakers. Methods with a transaction belong to the caller's commit. */
export class PlanStore {
  readonly #database: Database;
  readonly #pods: PlanPods;

  constructor(database: Database) {
    this.#database = database;
    this.#pods = new PlanPods(database);
  }

  /** Runs `work` in one commit; resolves once it is on disk. */
  write<Result>(work: (transaction: InTransaction) => Promise<Result>): Promise<Result> {
    return this.#database.write<DecisionTables, Result>(work);
  }

  /** Saves a new plan. @param pieces its pods, as `podPieces` makes them; made before the commit, they hold it up less */
  async insertPlan(
    transaction: InTransaction,
    plan: Plan,
    pieces: readonly string[] = atOnce(podPieces(plan.pods)),
  ): Promise<void> {
    await this.#pods.insert(transaction, plan.id, pieces);
    await transaction
      .insertInto('decision_plans')
      .values({
        id: plan.id,
        run_id: plan.runId,
        cluster_id: plan.clusterId,
        state: plan.state,
        created_at: plan.createdAt,
        ...textsOf(plan),
        changed: NEXT_CHANGE,
      })
      .execute();
  }

  /** Saves a plan where it still is in the state `from`; `false` when somebody else was first. Its pods stay as they were inserted. */
  async replacePlan(transaction: InTransaction, plan: Plan, from: PlanState): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable('decision_plans')
      .set({ state: plan.state, ...textsOf(plan), changed: NEXT_CHANGE })
      .where('id', '=', plan.id)
      .where('state', '=', from)
      .executeTakeFirst();
    return Number(numUpdatedRows) === 1;
  }

  /** The pods of a plan, which no change of it touches; none where there is no such plan. */
  async podsOf(id: string): Promise<PlanPod[]> {
    return (await this.#pods.of([id])).get(id) ?? [];
  }

  /** The plan as this transaction sees it, with these pods. */
  async planIn(transaction: InTransaction, id: string, pods: PlanPod[]): Promise<Plan | undefined> {
    const row = await transaction
      .selectFrom('decision_plans')
      .select('body')
      .where('id', '=', id)
      .executeTakeFirst();
    return row && { ...(JSON.parse(row.body) as Plan), pods };
  }

  async plan(id: string): Promise<Plan | undefined> {
    const reader = this.#database.reader<DecisionTables>();
    const row = await reader
      .selectFrom('decision_plans')
      .select('body')
      .where('id', '=', id)
      .executeTakeFirst();
    return row && { ...(JSON.parse(row.body) as Plan), pods: await this.podsOf(id) };
  }

  /** As lists tell them, newest first; within one moment in the order of their creation. */
  async listedPlans(filter: {
    clusterId?: string | undefined;
    state?: PlanState;
    limit?: number;
  }): Promise<Plan[]> {
    let query = this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_plans')
      .select('listed')
      .orderBy('created_at', 'desc')
      .orderBy('id');
    if (filter.limit !== undefined) query = query.limit(filter.limit);
    if (filter.state !== undefined) query = query.where('state', '=', filter.state);
    if (filter.clusterId !== undefined) query = query.where('cluster_id', '=', filter.clusterId);
    return (await query.execute()).map(row => JSON.parse(row.listed) as Plan);
  }

  /** Plans in any of these states, those approved first in front. All clusters unless one is named. */
  async plansIn(states: readonly PlanState[], clusterId?: string): Promise<Plan[]> {
    let query = this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_plans')
      .select('body')
      .where('state', 'in', [...states])
      .orderBy('approved_at')
      .orderBy('created_at')
      .orderBy('id');
    if (clusterId !== undefined) query = query.where('cluster_id', '=', clusterId);
    return this.#whole(await query.execute());
  }

  /** Number of the last change; 0 where there is no plan. */
  async lastChange(): Promise<number> {
    const row = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_plans')
      .select(({ fn }) => fn.max('changed').as('last'))
      .executeTakeFirst();
    return Number(row?.last ?? 0);
  }

  /** Plans that changed after the change `after`, as lists tell them, in the order of their last changes. */
  async changedPlans(after: number, limit: number): Promise<{ change: number; plan: Plan }[]> {
    const rows = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_plans')
      .select(['changed', 'listed'])
      .where('changed', '>', after)
      .orderBy('changed')
      .limit(limit)
      .execute();
    return rows.map(({ changed, listed }) => ({ change: Number(changed), plan: JSON.parse(listed) as Plan }));
  }

  /** Saves a run, new or changed. */
  async saveRun(run: DecisionRun): Promise<void> {
    const row = {
      id: run.id,
      cluster_id: run.clusterId,
      started_at: run.startedAt,
      body: JSON.stringify(run),
      listed: JSON.stringify(listedRun(run)),
    };
    await this.write(async transaction => {
      await transaction
        .insertInto('decision_runs')
        .values(row)
        .onConflict(conflict => conflict.column('id').doUpdateSet({ body: row.body, listed: row.listed }))
        .execute();
    });
  }

  /** Keeps what a run saw, of the last `keep` runs of its cluster. */
  async saveRunNodes(run: DecisionRun, asOf: number, nodes: readonly RunNode[], keep: number): Promise<void> {
    await this.write(async transaction => {
      await transaction
        .insertInto('decision_run_nodes')
        .values({ run_id: run.id, cluster_id: run.clusterId, as_of: asOf, body: JSON.stringify(nodes) })
        .execute();
      const old = await transaction
        .selectFrom('decision_run_nodes')
        .select('run_id')
        .where('cluster_id', '=', run.clusterId)
        .orderBy('as_of', 'desc')
        .orderBy('run_id', 'desc')
        .offset(keep)
        .limit(1_000)
        .execute();
      if (old.length === 0) return;
      const ids = old.map(({ run_id }) => run_id);
      await transaction.deleteFrom('decision_run_nodes').where('run_id', 'in', ids).execute();
    });
  }

  /** How many plans there are in each state. */
  async countByState(): Promise<Map<PlanState, number>> {
    const rows = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_plans')
      .select(({ fn }) => ['state', fn.countAll<number>().as('plans')])
      .groupBy('state')
      .execute();
    return new Map(rows.map(({ state, plans }) => [state, Number(plans)]));
  }

  /** What a run saw; `undefined` when that is not kept any more. */
  async runNodes(runId: string): Promise<{ clusterId: string; asOf: number; nodes: RunNode[] } | undefined> {
    const row = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_run_nodes')
      .selectAll()
      .where('run_id', '=', runId)
      .executeTakeFirst();
    return row && { clusterId: row.cluster_id, asOf: row.as_of, nodes: JSON.parse(row.body) as RunNode[] };
  }

  async run(id: string): Promise<DecisionRun | undefined> {
    const reader = this.#database.reader<DecisionTables>();
    const row = await reader
      .selectFrom('decision_runs')
      .select('body')
      .where('id', '=', id)
      .executeTakeFirst();
    return row && (JSON.parse(row.body) as DecisionRun);
  }

  /** The last run of each cluster, as lists tell it. */
  async lastRuns(clusterId?: string): Promise<DecisionRun[]> {
    let query = this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_runs as run')
      .select('run.listed')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('decision_runs as later')
              .select('later.id')
              .whereRef('later.cluster_id', '=', 'run.cluster_id')
              .where(({ or, and, eb }) =>
                or([
                  eb('later.started_at', '>', eb.ref('run.started_at')),
                  and([
                    eb('later.started_at', '=', eb.ref('run.started_at')),
                    eb('later.id', '>', eb.ref('run.id')),
                  ]),
                ]),
              ),
          ),
        ),
      )
      .orderBy('run.cluster_id');
    if (clusterId !== undefined) query = query.where('run.cluster_id', '=', clusterId);
    return (await query.execute()).map(row => JSON.parse(row.listed) as DecisionRun);
  }

  /** Runs that an earlier process did not end. */
  async unfinishedRuns(): Promise<DecisionRun[]> {
    const left = (await this.lastRuns()).filter(run => run.state === 'running');
    return (await Promise.all(left.map(({ id }) => this.run(id)))).filter(run => run !== undefined);
  }

  /**
   * Plans of a cluster of which a step began since then, or that run, those approved last in front; as many as any budget or memory looks
   * back on.
   */
  async startedPlans(clusterId: string, sinceMs: number): Promise<Plan[]> {
    const rows = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_plans')
      .select('body')
      .where('cluster_id', '=', clusterId)
      .where('state', 'in', STARTED)
      .where('approved_at', 'is not', null)
      .where('begun_at', 'is not', null)
      .where(({ or, eb }) => or([eb('state', 'in', ['running', 'stopping']), eb('begun_at', '>=', sinceMs)]))
      .orderBy('approved_at', 'desc')
      .limit(MOST_STARTED)
      .execute();
    return this.#whole(rows);
  }

  /** Failed plans of a cluster of which a step began since then, as lists tell them. */
  async failedPlans(clusterId: string, sinceMs: number): Promise<Plan[]> {
    const rows = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_plans')
      .select('listed')
      .where('cluster_id', '=', clusterId)
      .where('state', '=', 'failed')
      .where('begun_at', '>=', sinceMs)
      .orderBy('approved_at', 'desc')
      .limit(MOST_STARTED)
      .execute();
    return rows.map(row => JSON.parse(row.listed) as Plan);
  }

  async #whole(rows: readonly { readonly body: string }[]): Promise<Plan[]> {
    const plans = await inTurns(readPlans(rows));
    const pods = await this.#pods.of(plans.map(({ id }) => id));
    return plans.map(plan => ({ ...plan, pods: pods.get(plan.id) ?? [] }));
  }

  /** The circuit breaker of a cluster. */
  async breaker(clusterId: string): Promise<Breaker> {
    const row = await this.#database
      .reader<DecisionTables>()
      .selectFrom('decision_breakers')
      .selectAll()
      .where('cluster_id', '=', clusterId)
      .executeTakeFirst();
    if (!row) return closedBreaker;
    return {
      failuresInARow: row.failures,
      failedAt: JSON.parse(row.failed_at) as number[],
      pausedAt: row.paused_at === null ? null : Number(row.paused_at),
    };
  }

  async setBreaker(transaction: InTransaction, clusterId: string, breaker: Breaker): Promise<void> {
    const changed = {
      failures: breaker.failuresInARow,
      failed_at: JSON.stringify(breaker.failedAt),
      paused_at: breaker.pausedAt,
    };
    await transaction
      .insertInto('decision_breakers')
      .values({ cluster_id: clusterId, ...changed })
      .onConflict(conflict => conflict.column('cluster_id').doUpdateSet(changed))
      .execute();
  }
}

function textsOf(plan: Plan) {
  return {
    approved_at: plan.approval?.at ?? null,
    begun_at: begunAt(plan),
    body: planText(plan),
    listed: JSON.stringify(listedPlan(plan)),
  };
}

function* readPlans(rows: readonly { readonly body: string }[]): Generator<void, Plan[]> {
  const plans: Plan[] = [];
  for (const { body } of rows) {
    plans.push(JSON.parse(body) as Plan);
    yield;
  }
  return plans;
}
