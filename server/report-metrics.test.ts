import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClusterSummary, DecisionRun } from '../common/contracts/index.ts';
import type { AgentIdentity, Database } from './platform/index.ts';
import {
  AuditLog,
  auditMigrations,
  createLog,
  JobQueue,
  jobMigrations,
  LiveHub,
  Metrics,
  openSqlite,
} from './platform/index.ts';
import { type MeasuredParts, measureBatches, reportMetrics } from './report-metrics.ts';

const log = createLog('silent');
const nowMs = Date.UTC(2026, 0, 1);
let ticks = 0;
const clock = { now: () => nowMs + ticks * 1_000 };

let folder: string;
let database: Database;
let jobs: JobQueue;
let metrics: Metrics;
let taskEnded: Parameters<MeasuredParts['clusters']['onTaskResult']>[0] = () => {};
let runChanged: (run: DecisionRun) => void = () => {};
const summaries: Partial<ClusterSummary>[] = [];

const value = async (key: string) => {
  const line = (await metrics.text()).split('\n').find(text => text.startsWith(`${key} `));
  return line === undefined ? undefined : Number(line.slice(key.length));
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-report-'));
  database = await openSqlite(folder, { ...jobMigrations, ...auditMigrations });
  jobs = new JobQueue(database, clock, log);
  metrics = new Metrics('1.0.0', log);
  reportMetrics({
    metrics,
    clock,
    jobs,
    live: new LiveHub(),
    audit: new AuditLog(database, clock),
    market: {
      coverage: { countRecords: async () => 12 },
      requestCounts: () => ({ requests: 5, throttled: 2 }),
    },
    clusters: {
      summaries: () => summaries,
      agents: { isConnected: (id: string) => id === 'a' },
      onTaskResult: (listener: typeof taskEnded) => {
        taskEnded = listener;
      },
    },
    decisions: {
      onRunChanged: (listener: typeof runChanged) => {
        runChanged = listener;
      },
      countPlans: async () => new Map([['failed', 3]]),
    },
    savings: {
      summary: () => ({ realizedMicroUsd: 1_500_000, predictedMicroUsd: 3e6, realizedMicroUsdPerHour: 0 }),
    },
    liveConnections: () => 0,
  } as unknown as MeasuredParts);
});
afterAll(async () => {
  await jobs.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

it('counts rows of fills as they are told, and how long jobs took', async () => {
  const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: hasTold, resolve: told } = Promise.withResolvers<void>();
  jobs.define(
    'gap-fill',
    async ({ report }) => {
      // As a fill that goes on after a kill: the 100 came before.
      report({ newRows: 100 });
      report({ newRows: 130 });
      told();
      await isLetGo;
      ticks = 30;
      report({ newRows: 150 });
      return null;
    },
    () => {},
  );
  const ended = new Promise<void>(resolve =>
    jobs.onChanged(({ state }) => {
      if (state === 'succeeded') resolve();
    }),
  );
  const started = await jobs.enqueue('gap-fill', 'one', {});
  await jobs.enqueue('gap-fill', 'two', {});
  await hasTold;
  expect(await value('cloudoptim_fill_rows_total')).toBe(30);
  expect(await value('cloudoptim_jobs{kind="gap-fill",state="running"}')).toBe(1);
  expect(await value('cloudoptim_jobs{kind="gap-fill",state="queued"}')).toBe(1);
  ticks = 20;
  expect(await value('cloudoptim_jobs_oldest_queued_age_seconds')).toBe(20);
  letGo();
  await ended;
  expect((await jobs.get(started.id))?.state).toBe('succeeded');
  expect(await value('cloudoptim_fill_rows_total')).toBeGreaterThanOrEqual(50);
  expect(
    await value('cloudoptim_job_duration_seconds_sum{kind="gap-fill",outcome="succeeded"}'),
  ).toBeGreaterThanOrEqual(30);
});

it('tells the state of clusters, without what is not known', async () => {
  expect(await value('cloudoptim_cluster_cost_usd_per_hour')).toBeUndefined();
  const common = { nodes: 3, spotNodes: 1, pendingPods: 0, nodesWithUnknownPrice: 1 };
  summaries.push(
    { ...common, id: 'a', state: 'live', dataAt: clock.now() - 60_000, costMicroUsdPerHour: 2_500_000 },
    { ...common, id: 'b', state: 'away', dataAt: clock.now() - 9e6, costMicroUsdPerHour: null },
  );
  expect(await value('cloudoptim_cluster_cost_usd_per_hour')).toBe(2.5);
  expect(await value('cloudoptim_clusters{state="live"}')).toBe(1);
  expect(await value('cloudoptim_clusters{state="away"}')).toBe(1);
  expect(await value('cloudoptim_agents_connected')).toBe(1);
  expect(await value('cloudoptim_cluster_nodes{capacity="spot"}')).toBe(2);
  expect(await value('cloudoptim_cluster_nodes{capacity="other"}')).toBe(4);
  expect(await value('cloudoptim_inventory_oldest_age_seconds')).toBe(60);
});

it('counts what came to an end', async () => {
  const result = { taskId: 't', epoch: 1, detail: '', evicted: [], at: 0 };
  for (const state of ['running', 'done', 'refused', 'done'] as const) taskEnded('a', { ...result, state });
  expect(await value('cloudoptim_tasks_ended_total{outcome="done"}')).toBe(2);
  expect(await value('cloudoptim_tasks_ended_total{outcome="running"}')).toBeUndefined();
  const run = { startedAt: 1_000, endedAt: null, state: 'running' } as DecisionRun;
  runChanged(run);
  runChanged({ ...run, state: 'failed', endedAt: 5_000 });
  expect(await value('cloudoptim_decision_run_duration_seconds_sum{outcome="failed"}')).toBe(4);
  expect(await value('cloudoptim_plans{state="failed"}')).toBe(3);
  expect(await value('cloudoptim_plans{state="proposed"}')).toBe(0);
  expect(await value('cloudoptim_savings_realized_usd')).toBe(1.5);
  expect(await value('cloudoptim_ec2_price_requests_throttled_total')).toBe(2);
});

it('times batches of agents by how they ended', async () => {
  let fails = false;
  const receive = async () => {
    if (fails) throw new Error('refused');
    return {};
  };
  const agents = measureBatches({ receive } as unknown as Parameters<typeof measureBatches>[0], metrics);
  const send = () => agents.receive({} as AgentIdentity, { messages: [] } as never);
  await send();
  fails = true;
  await expect(send()).rejects.toThrow('refused');
  expect(await value('cloudoptim_agent_batch_duration_seconds_count{outcome="taken"}')).toBe(1);
  expect(await value('cloudoptim_agent_batch_duration_seconds_count{outcome="failed"}')).toBe(1);
});
