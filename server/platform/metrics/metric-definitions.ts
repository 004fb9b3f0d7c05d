/** What a metric is, in one place: the registry, the guide and the tests are made from it. */
export interface MetricDefinition {
  readonly name: `cloudoptim_${string}`;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Of the value: `seconds`, `bytes`, `USD`, or what is counted. */
  readonly unit: string;
  readonly help: string;
  /** Labels with what they hold. Each has a bounded number of values, whoever calls. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
  /**
   * `process`: what this process did or holds, so that replicas add up. `installation`: read from the database or from what
   * all replicas share, so that each of them tells the same, and the greatest counts.
   */
  readonly of: 'process' | 'installation';
}

const REQUEST_BUCKETS = [0.002, 0.01, 0.05, 0.25, 1, 5];
const WRITE_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2];
const WORK_BUCKETS = [0.1, 1, 10, 60, 600, 3_600];

/** Every metric of the engine beside those of Node and the process. */
export const metricDefinitions = {
  buildInfo: {
    name: 'cloudoptim_build_info',
    type: 'gauge',
    unit: 'always 1',
    help: 'Which version runs.',
    labels: { version: 'version of the engine' },
    of: 'process',
  },
  replicaLeads: {
    name: 'cloudoptim_replica_leads',
    type: 'gauge',
    unit: '0 or 1',
    help: '1 on the replica that leads and on an engine that is alone, 0 on a replica that follows.',
    of: 'process',
  },
  scrapeFailures: {
    name: 'cloudoptim_scrape_failures_total',
    type: 'counter',
    unit: 'failures',
    help: 'Times that a group of figures could not be read for a scrape; its metrics are absent then.',
    labels: { source: 'database, jobs, live, audit, market, clusters, decisions or savings' },
    of: 'process',
  },
  httpRequestSeconds: {
    name: 'cloudoptim_http_request_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from request to answer.',
    labels: {
      method: 'HTTP method',
      route: 'pattern of the route; ui for files of the pages, none for addresses that do not exist',
      status: 'HTTP status',
    },
    buckets: REQUEST_BUCKETS,
    of: 'process',
  },
  httpUnexpectedErrors: {
    name: 'cloudoptim_http_unexpected_errors_total',
    type: 'counter',
    unit: 'answers',
    help: 'Answers with status 500: faults of the program.',
    of: 'process',
  },
  refusals: {
    name: 'cloudoptim_refusals_total',
    type: 'counter',
    unit: 'requests',
    help: 'Requests that were answered with an error.',
    labels: { code: 'code of the error, as docs/troubleshooting.md lists them' },
    of: 'process',
  },
  liveConnections: {
    name: 'cloudoptim_live_connections',
    type: 'gauge',
    unit: 'connections',
    help: 'Dashboards that hold a live connection.',
    of: 'process',
  },
  liveSubscriptions: {
    name: 'cloudoptim_live_subscriptions',
    type: 'gauge',
    unit: 'subscriptions',
    help: 'Live topics that dashboards watch.',
    labels: { topic: 'topic, or family of topics such as cluster/*' },
    of: 'process',
  },
  databaseBytes: {
    name: 'cloudoptim_database_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Size of the database on disk.',
    of: 'installation',
  },
  databaseWritable: {
    name: 'cloudoptim_database_writable',
    type: 'gauge',
    unit: '1 or 0',
    help: '1 while writing works, 0 while the disk is full or the database away.',
    of: 'process',
  },
  databaseWriteSeconds: {
    name: 'cloudoptim_database_write_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from the order of a write to its commit on disk, with the wait for those before it.',
    labels: { outcome: 'committed or failed' },
    buckets: WRITE_BUCKETS,
    of: 'process',
  },
  auditEntries: {
    name: 'cloudoptim_audit_entries',
    type: 'gauge',
    unit: 'entries',
    help: 'Entries of the audit log; the number never falls.',
    of: 'installation',
  },
  openJobs: {
    name: 'cloudoptim_jobs',
    type: 'gauge',
    unit: 'jobs',
    help: 'Long work that waits or runs.',
    labels: { kind: 'kind of the job, e.g. gap-fill', state: 'queued or running' },
    of: 'installation',
  },
  oldestQueuedSeconds: {
    name: 'cloudoptim_jobs_oldest_queued_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'How long the job that waits longest has waited; 0 while none waits.',
    of: 'installation',
  },
  jobSeconds: {
    name: 'cloudoptim_job_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from the start of a job to its end.',
    labels: { kind: 'kind of the job', outcome: 'succeeded, failed or cancelled' },
    buckets: WORK_BUCKETS,
    of: 'process',
  },
  priceRecords: {
    name: 'cloudoptim_price_records',
    type: 'gauge',
    unit: 'records',
    help: 'Spot price records on disk.',
    of: 'installation',
  },
  fillRows: {
    name: 'cloudoptim_fill_rows_total',
    type: 'counter',
    unit: 'records',
    help: 'Price records that fills brought and that were not on disk before.',
    of: 'process',
  },
  priceRequests: {
    name: 'cloudoptim_ec2_price_requests_total',
    type: 'counter',
    unit: 'requests',
    help: 'Requests for Spot prices to EC2.',
    of: 'process',
  },
  priceRequestsThrottled: {
    name: 'cloudoptim_ec2_price_requests_throttled_total',
    type: 'counter',
    unit: 'requests',
    help: 'Those of them that EC2 refused because of their pace; they are made again more slowly.',
    of: 'process',
  },
  clusters: {
    name: 'cloudoptim_clusters',
    type: 'gauge',
    unit: 'clusters',
    help: 'Enrolled clusters.',
    labels: { state: 'waiting, live, away or revoked' },
    of: 'installation',
  },
  agentsConnected: {
    name: 'cloudoptim_agents_connected',
    type: 'gauge',
    unit: 'agents',
    help: 'Agents with an open connection, or that poll.',
    of: 'process',
  },
  agentBatchSeconds: {
    name: 'cloudoptim_agent_batch_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Time from a batch of an agent to its acknowledgement.',
    labels: { outcome: 'taken or failed' },
    buckets: WRITE_BUCKETS,
    of: 'process',
  },
  inventoryAgeSeconds: {
    name: 'cloudoptim_inventory_oldest_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Age of the oldest picture among live clusters that have reported; absent without any.',
    of: 'installation',
  },
  nodes: {
    name: 'cloudoptim_cluster_nodes',
    type: 'gauge',
    unit: 'nodes',
    help: 'Nodes of all clusters, as last reported.',
    labels: { capacity: 'spot or other' },
    of: 'installation',
  },
  pendingPods: {
    name: 'cloudoptim_cluster_pending_pods',
    type: 'gauge',
    unit: 'pods',
    help: 'Pods of all clusters that have no node.',
    of: 'installation',
  },
  clusterCost: {
    name: 'cloudoptim_cluster_cost_usd_per_hour',
    type: 'gauge',
    unit: 'USD per hour',
    help: 'What nodes with a known price cost; absent while no price is known.',
    of: 'installation',
  },
  unknownPrices: {
    name: 'cloudoptim_cluster_nodes_without_price',
    type: 'gauge',
    unit: 'nodes',
    help: 'Nodes whose price is not known, and which the cost leaves out.',
    of: 'installation',
  },
  runSeconds: {
    name: 'cloudoptim_decision_run_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'Time that a run of a decision engine took.',
    labels: { outcome: 'finished or failed' },
    buckets: WORK_BUCKETS,
    of: 'process',
  },
  plans: {
    name: 'cloudoptim_plans',
    type: 'gauge',
    unit: 'plans',
    help: 'Plans by where they stand.',
    labels: {
      state: 'proposed, approved, running, stopping, succeeded, failed, rejected, stopped or stale',
    },
    of: 'installation',
  },
  endedTasks: {
    name: 'cloudoptim_tasks_ended_total',
    type: 'counter',
    unit: 'tasks',
    help: 'Orders to agents that came to an end.',
    labels: { outcome: 'done, failed, refused or cancelled' },
    of: 'process',
  },
  savedUsd: {
    name: 'cloudoptim_savings_realized_usd',
    type: 'gauge',
    unit: 'USD',
    help: 'What plans that were carried out really saved, as booked in the ledger; unknown prices are left out.',
    of: 'installation',
  },
  predictedUsd: {
    name: 'cloudoptim_savings_predicted_usd',
    type: 'gauge',
    unit: 'USD',
    help: 'What the same plans were to save for the same time.',
    of: 'installation',
  },
  savingUsdPerHour: {
    name: 'cloudoptim_savings_realized_usd_per_hour',
    type: 'gauge',
    unit: 'USD per hour',
    help: 'What is saved at this moment.',
    of: 'installation',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricDefinitions = typeof metricDefinitions;
