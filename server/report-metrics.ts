import { planStates } from '../common/contracts/decisions.ts';
import type { ClusterSummary } from '../common/contracts/index.ts';
import { MS_PER_SECOND } from '../common/units/index.ts';
import type { Clusters } from './clusters/index.ts';
import type { Decisions } from './decisions/index.ts';
import type { Market } from './market/index.ts';
import {
  type AuditLog,
  type Clock,
  inSpan,
  type Job,
  type JobQueue,
  type LiveHub,
  type Metrics,
} from './platform/index.ts';
import type { Savings } from './savings/index.ts';

const MICRO = 1_000_000;
const ENDED_JOBS: readonly Job['state'][] = ['succeeded', 'failed', 'cancelled'];
const CLUSTER_STATES: readonly ClusterSummary['state'][] = ['waiting', 'live', 'away', 'revoked'];

/** What figures are read from. */
export interface MeasuredParts {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly jobs: JobQueue;
  readonly live: LiveHub;
  readonly audit: AuditLog;
  readonly market: Pick<Market, 'coverage' | 'requestCounts'>;
  readonly clusters: Pick<Clusters, 'summaries' | 'agents' | 'onTaskResult'>;
  readonly decisions: Pick<Decisions, 'onRunChanged' | 'countPlans'>;
  readonly savings: Pick<Savings, 'summary'>;
  readonly liveConnections: () => number;
}

/** Tells Prometheus of the rooms: what happens is counted as it happens, what stands is read at each scrape. */
export function reportMetrics(parts: MeasuredParts): void {
  const { metrics, clock, jobs, live, audit, market, clusters, decisions, savings } = parts;
  const { of } = metrics;

  const fillRows = new Map<string, number>();
  jobs.onChanged(job => {
    countFillRows(job, fillRows, rows => of.fillRows.inc(rows));
    if (!ENDED_JOBS.includes(job.state) || job.startedAt === null || job.endedAt === null) return;
    const labels = { kind: job.kind, outcome: job.state };
    of.jobSeconds.observe(labels, (job.endedAt - job.startedAt) / MS_PER_SECOND);
  });
  decisions.onRunChanged(({ state, startedAt, endedAt }) => {
    if (state !== 'running' && endedAt !== null)
      of.runSeconds.observe({ outcome: state }, (endedAt - startedAt) / MS_PER_SECOND);
  });
  clusters.onTaskResult((_, { state }) => {
    if (state !== 'running') of.endedTasks.inc({ outcome: state });
  });

  metrics.source('jobs', ['openJobs', 'oldestQueuedSeconds'], async () => {
    const counts = await jobs.openCounts();
    for (const kind of jobs.kinds())
      for (const state of ['queued', 'running']) of.openJobs.set({ kind, state }, 0);
    for (const { kind, state, jobs: count } of counts) of.openJobs.set({ kind, state }, count);
    const waiting = counts.filter(({ state }) => state === 'queued');
    const sinceMs = Math.min(clock.now(), ...waiting.map(({ oldestAtMs }) => oldestAtMs));
    of.oldestQueuedSeconds.set((clock.now() - sinceMs) / MS_PER_SECOND);
  });
  metrics.source('live', ['liveConnections', 'liveSubscriptions'], () => {
    of.liveConnections.set(parts.liveConnections());
    for (const [topic, count] of live.subscriptions()) of.liveSubscriptions.set({ topic }, count);
  });
  metrics.source('audit', ['auditEntries'], async () => of.auditEntries.set(await audit.lastSeq()));
  metrics.source('market', ['priceRecords'], async () => {
    const { requests, throttled } = market.requestCounts();
    metrics.raise('priceRequests', requests);
    metrics.raise('priceRequestsThrottled', throttled);
    of.priceRecords.set(await market.coverage.countRecords());
  });
  metrics.source(
    'clusters',
    [
      'clusters',
      'agentsConnected',
      'inventoryAgeSeconds',
      'nodes',
      'pendingPods',
      'clusterCost',
      'unknownPrices',
    ],
    () => readClusters(metrics, clusters, clock.now()),
  );
  metrics.source('decisions', ['plans'], async () => {
    const counts = await decisions.countPlans();
    for (const state of planStates) of.plans.set({ state }, counts.get(state) ?? 0);
  });
  metrics.source('savings', ['savedUsd', 'predictedUsd', 'savingUsdPerHour'], () => {
    const summary = savings.summary();
    of.savedUsd.set(summary.realizedMicroUsd / MICRO);
    of.predictedUsd.set(summary.predictedMicroUsd / MICRO);
    of.savingUsdPerHour.set(summary.realizedMicroUsdPerHour / MICRO);
  });
}

/** The same door of agents, with each batch timed and traced. */
export function measureBatches(agents: Clusters['agents'], { of }: Metrics): Clusters['agents'] {
  return {
    ...agents,
    receive: async (agent, batch) => {
      const startedMs = performance.now();
      let outcome = 'failed';
      try {
        const answer = await inSpan(
          {
            name: 'agent.batch',
            kind: 'server',
            attributes: {
              'cloudoptim.cluster.id': agent.clusterId,
              'cloudoptim.messages': batch.messages.length,
            },
          },
          () => agents.receive(agent, batch),
        );
        outcome = 'taken';
        return answer;
      } finally {
        of.agentBatchSeconds.observe({ outcome }, (performance.now() - startedMs) / MS_PER_SECOND);
      }
    },
  };
}

function readClusters({ of }: Metrics, clusters: MeasuredParts['clusters'], nowMs: number): void {
  const all = clusters.summaries();
  for (const state of CLUSTER_STATES)
    of.clusters.set({ state }, all.filter(cluster => cluster.state === state).length);
  of.agentsConnected.set(all.filter(({ id }) => clusters.agents.isConnected(id)).length);
  const sum = (figure: (cluster: ClusterSummary) => number) =>
    all.reduce((total, cluster) => total + figure(cluster), 0);
  const spot = sum(({ spotNodes }) => spotNodes);
  of.nodes.set({ capacity: 'spot' }, spot);
  of.nodes.set({ capacity: 'other' }, sum(({ nodes }) => nodes) - spot);
  of.pendingPods.set(sum(({ pendingPods }) => pendingPods));
  of.unknownPrices.set(sum(({ nodesWithUnknownPrice }) => nodesWithUnknownPrice));
  const costs = all.flatMap(({ costMicroUsdPerHour }) => costMicroUsdPerHour ?? []);
  if (costs.length > 0) of.clusterCost.set(costs.reduce((total, cost) => total + cost, 0) / MICRO);
  const pictures = all.flatMap(({ state, dataAt }) => (state === 'live' ? (dataAt ?? []) : []));
  if (pictures.length > 0)
    of.inventoryAgeSeconds.set(Math.max(0, nowMs - Math.min(...pictures)) / MS_PER_SECOND);
}

/** A fill tells its sum; one that was resumed begins with what an earlier process brought. */
function countFillRows(job: Job, known: Map<string, number>, add: (rows: number) => void): void {
  const { newRows } = (job.progress ?? {}) as { newRows?: unknown };
  if (typeof newRows !== 'number') return;
  const before = known.get(job.id);
  if (before !== undefined) add(Math.max(0, newRows - before));
  if (ENDED_JOBS.includes(job.state)) known.delete(job.id);
  else known.set(job.id, newRows);
}
