import { type Kysely, sql } from 'kysely';
import type { Engine, Plan, PlanState } from '../../common/contracts/index.ts';
import { atOnce, type Migrations } from '../platform/index.ts';
import { type EngineExperimentTables, engineExperimentMigrations } from './experiments/experiment-tables.ts';
import { listedPlan, listedRun } from './listed-plan.ts';
import { noticeMigrations } from './notices/notice-tables.ts';
import { podPieces } from './plan-pods.ts';
import { policyMigrations } from './policy/policy-tables.ts';

/** An uploaded engine; `manifest` and `file` are JSON. */
export interface EngineRow {
  id: string;
  name: string;
  version: string;
  manifest: string;
  file: string;
  uploaded_at: number;
  state: Engine['state'];
  faulty_reason: string | null;
  /** In a row. */
  faults: number;
}

/** `engine_id` may also be the name of a built-in engine. */
export interface EngineChoiceRow {
  cluster_id: string;
  engine_id: string;
  parameters: string;
  changed_at: number;
  changed_by: string;
}

/**
 * Tables of this room. `body` is the plan or run as JSON, `listed` what lists tell of it; the columns beside it are what queries ask for.
 * The pods of a plan lie apart.
 */
export interface DecisionTables extends EngineExperimentTables {
  decision_plans: {
    id: string;
    run_id: string;
    cluster_id: string;
    state: PlanState;
    created_at: number;
    approved_at: number | null;
    /** When the step of it that began last did; `null` before its first. */
    begun_at: number | null;
    body: string;
    listed: string;
    /** Number of its last change among those of all plans; it grows with each. */
    changed: number;
  };
  /** `body`: some pods of a plan, as JSON. */
  decision_plan_pods: { plan_id: string; place: number; body: string };
  decision_runs: { id: string; cluster_id: string; started_at: number; body: string; listed: string };
  /** `body`: the nodes that a run saw, as JSON. */
  decision_run_nodes: { run_id: string; cluster_id: string; as_of: number; body: string };
  /** `failures` in a row; `failed_at` is a JSON list of ms. */
  decision_breakers: { cluster_id: string; failures: number; failed_at: string; paused_at: number | null };
  decision_engines: EngineRow;
  decision_engine_choices: EngineChoiceRow;
  /** `source` is JSON. */
  decision_capacity: { cluster_id: string; source: string; changed_at: number; changed_by: string };
}

export const decisionMigrations: Migrations = {
  '2026-11-23-decisions': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('decision_plans')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('run_id', 'text', column => column.notNull())
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('node_uid', 'text', column => column.notNull())
        .addColumn('state', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('approved_at', 'bigint')
        .addColumn('body', 'text', column => column.notNull())
        .execute();
      await database.schema
        .createIndex('decision_plans_by_state')
        .on('decision_plans')
        .columns(['cluster_id', 'state'])
        .execute();
      await database.schema
        .createIndex('decision_plans_by_age')
        .on('decision_plans')
        .columns(['created_at'])
        .execute();
      await database.schema
        .createTable('decision_runs')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('started_at', 'bigint', column => column.notNull())
        .addColumn('body', 'text', column => column.notNull())
        .execute();
      await database.schema
        .createIndex('decision_runs_by_cluster')
        .on('decision_runs')
        .columns(['cluster_id', 'started_at'])
        .execute();
      await database.schema
        .createTable('decision_breakers')
        .addColumn('cluster_id', 'text', column => column.primaryKey())
        .addColumn('failures', 'integer', column => column.notNull())
        .execute();
    },
  },
  '2026-11-26-decision-engines': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('decision_engines')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('name', 'text', column => column.notNull())
        .addColumn('version', 'text', column => column.notNull())
        .addColumn('manifest', 'text', column => column.notNull())
        .addColumn('file', 'text', column => column.notNull())
        .addColumn('uploaded_at', 'bigint', column => column.notNull())
        .addColumn('state', 'text', column => column.notNull())
        .addColumn('faulty_reason', 'text')
        .addColumn('faults', 'integer', column => column.notNull())
        .addUniqueConstraint('decision_engines_by_version', ['name', 'version'])
        .execute();
      await database.schema
        .createTable('decision_engine_choices')
        .addColumn('cluster_id', 'text', column => column.primaryKey())
        .addColumn('engine_id', 'text', column => column.notNull())
        .addColumn('parameters', 'text', column => column.notNull())
        .addColumn('changed_at', 'bigint', column => column.notNull())
        .addColumn('changed_by', 'text', column => column.notNull())
        .execute();
    },
  },
  // Plans of one node became plans of several: `node` and `target` are lists, and each step names its node.
  '2026-11-26-plans-of-several-nodes': {
    up: async (database: Kysely<unknown>) => {
      await database.schema.alterTable('decision_plans').dropColumn('node_uid').execute();
      const plans = (database as Kysely<DecisionTables>).selectFrom('decision_plans').select(['id', 'body']);
      for (const { id, body } of await plans.execute())
        await (database as Kysely<DecisionTables>)
          .updateTable('decision_plans')
          .set({ body: JSON.stringify(planOfSeveralNodes(JSON.parse(body))) })
          .where('id', '=', id)
          .execute();
      await database.schema
        .createTable('decision_run_nodes')
        .addColumn('run_id', 'text', column => column.primaryKey())
        .addColumn('cluster_id', 'text', column => column.notNull())
        .addColumn('as_of', 'bigint', column => column.notNull())
        .addColumn('body', 'text', column => column.notNull())
        .execute();
      await database.schema
        .createIndex('decision_run_nodes_by_cluster')
        .on('decision_run_nodes')
        .columns(['cluster_id', 'as_of'])
        .execute();
    },
  },
  '2026-11-27-decision-capacity': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('decision_capacity')
        .addColumn('cluster_id', 'text', column => column.primaryKey())
        .addColumn('source', 'text', column => column.notNull())
        .addColumn('changed_at', 'bigint', column => column.notNull())
        .addColumn('changed_by', 'text', column => column.notNull())
        .execute();
    },
  },
  '2026-11-28-listed-plans': {
    up: async (database: Kysely<unknown>) => {
      await addListed(database as Kysely<DecisionTables>, 'decision_plans', listedPlan);
      await addListed(database as Kysely<DecisionTables>, 'decision_runs', listedRun);
    },
  },
  '2026-11-29-changes-of-plans': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .alterTable('decision_plans')
        .addColumn('changed', 'bigint', column => column.notNull().defaultTo(0))
        .execute();
      await sql`
        update decision_plans set changed = numbered.place
        from (select id, row_number() over (order by created_at, id) as place from decision_plans) as numbered
        where numbered.id = decision_plans.id`.execute(database);
      await database.schema
        .createIndex('decision_plans_by_change')
        .on('decision_plans')
        .columns(['changed'])
        .execute();
    },
  },
  '2026-11-29-pods-of-plans': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('decision_plan_pods')
        .addColumn('plan_id', 'text', column => column.notNull())
        .addColumn('place', 'integer', column => column.notNull())
        .addColumn('body', 'text', column => column.notNull())
        .addPrimaryKeyConstraint('decision_plan_pods_by_place', ['plan_id', 'place'])
        .execute();
      await database.schema.alterTable('decision_plans').addColumn('begun_at', 'bigint').execute();
      await movePods(database as Kysely<DecisionTables>);
    },
  },
  ...policyMigrations,
  ...noticeMigrations,
  ...engineExperimentMigrations,
};

/** One row at a time: a body can have megabytes. */
async function addListed<Body>(
  database: Kysely<DecisionTables>,
  table: 'decision_plans' | 'decision_runs',
  listed: (body: Body) => Body,
): Promise<void> {
  await database.schema
    .alterTable(table)
    .addColumn('listed', 'text', column => column.notNull().defaultTo(''))
    .execute();
  for (const { id } of await database.selectFrom(table).select('id').execute()) {
    const row = await database
      .selectFrom(table)
      .select('body')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    await database
      .updateTable(table)
      .set({ listed: JSON.stringify(listed(JSON.parse(row.body) as Body)) })
      .where('id', '=', id)
      .execute();
  }
}

/** One plan at a time. */
async function movePods(database: Kysely<DecisionTables>): Promise<void> {
  for (const { id } of await database.selectFrom('decision_plans').select('id').execute()) {
    const row = await database
      .selectFrom('decision_plans')
      .select('body')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const plan = JSON.parse(row.body) as Plan;
    for (const [place, body] of atOnce(podPieces(plan.pods)).entries())
      await database.insertInto('decision_plan_pods').values({ plan_id: id, place, body }).execute();
    await database
      .updateTable('decision_plans')
      .set({ body: planText(plan), begun_at: begunAt(plan) })
      .where('id', '=', id)
      .execute();
  }
}

/** A plan as it is saved, without its pods. */
export function planText(plan: Plan): string {
  return JSON.stringify({ ...plan, pods: [] });
}

/** When the step of a plan that began last did, ms; `null` before its first. */
export function begunAt({ steps }: Pick<Plan, 'steps'>): number | null {
  return steps.reduce<number | null>(
    (last, { startedAt = null }) => (startedAt === null ? last : Math.max(last ?? 0, startedAt)),
    null,
  );
}

interface PlanOfOneNode {
  readonly node: { readonly name: string; readonly uid: string };
  readonly target: object;
  readonly pods: readonly object[];
  readonly steps: readonly object[];
}

function planOfSeveralNodes({ node, target, pods, steps, ...rest }: PlanOfOneNode): object {
  const { name, uid } = node;
  return {
    ...rest,
    kind: 'replace-node',
    remove: [node],
    add: [{ ...target, key: 'new-1', allocatable: null }],
    pods: pods.map(pod => ({ ...pod, from: name, to: 'new-1', requests: null })),
    proof: null,
    steps: steps.map(step => ({ ...step, wave: 1, node: { name, uid } })),
  };
}
