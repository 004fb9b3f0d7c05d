import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { AgentStop } from './agent-stop.ts';
import { connect } from './connection/connect.ts';
import { openServerAccess, type ServerAccess } from './connection/server-access.ts';
import { enrol } from './enrolment.ts';
import { type HealthFacts, serveHealth } from './health.ts';
import { type Identity, keepIdentity, loadIdentity, nextBoot, saveIdentity } from './identity-store.ts';
import { startInventory } from './inventory/inventory.ts';
import { watchNotices } from './inventory/watch-notices.ts';
import { openClusterAccess } from './kubernetes/cluster-access.ts';
import { createKubernetesApi, type KubernetesApi } from './kubernetes/kubernetes-api.ts';
import { awaitLeadership } from './leadership/await-leadership.ts';
import type { LeaderLease } from './leadership/leader-lease.ts';
import { leaseTimes } from './leadership/leadership-options.ts';
import { createLog, errorText, type Log } from './log.ts';
import { openOutbox } from './outbox/outbox.ts';
import type { Settings } from './settings.ts';
import { giveNodesBack } from './tasks/give-back-nodes.ts';
import { openLeaseTaskLog } from './tasks/lease-task-log.ts';
import { openTaskLog } from './tasks/task-log.ts';
import { createTaskRunner } from './tasks/task-runner.ts';
import { metricsApi } from './usage/metrics-api.ts';
import { prometheus } from './usage/prometheus.ts';
import { reportUsage } from './usage/report-usage.ts';

const usageEveryMs = 15_000;

/** What the process gives the agent. */
export interface AgentWorld {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts when the agent is to end. */
  readonly signal: AbortSignal;
  readonly writeLog: (line: string) => void;
  /** Called once, with one line for standard output, when the server took the agent in. */
  readonly onReady: (line: string) => void;
}

/** Runs the agent until `signal` aborts. Rejects with `AgentStop` when it cannot start, was turned away, or leads no more. */
export async function runAgent(world: AgentWorld): Promise<void> {
  const { settings } = world;
  const now = Date.now;
  const random = Math.random;
  const log = createLog(world.writeLog, now);

  const access = await openClusterAccess(settings.kubeconfigFile, world.environment, now);
  const server = openServerAccess(settings.serverUrl, settings.proxy, settings.authorities);
  const identity = await identify(world, server, log);
  let facts: () => HealthFacts = () => waitingFacts;
  const health =
    settings.healthPort === undefined ? undefined : await serveHealth(settings.healthPort, () => facts());
  if (health) log.info('Health is told on 127.0.0.1', { port: health.port });
  try {
    const { leaseNamespace: namespace } = settings;
    if (namespace === undefined) {
      const api = createKubernetesApi(access);
      await work({ world, server, api, identity, lease: undefined, log, tellHealth: tell });
      return;
    }
    const lease = await awaitLeadership({
      api: createKubernetesApi(access),
      lease: { namespace, name: 'cloudoptim-agent' },
      times: leaseTimes(settings.leaseSeconds),
      identity: `${hostname()}_${randomUUID()}`,
      log,
      now,
      monotonicMs: () => performance.now(),
      random,
      signal: world.signal,
    });
    if (!lease) return;
    log.info('This replica leads', { epoch: lease.epoch });
    const api = createKubernetesApi(access, () => lease.holds());
    await work({ world, server, api, identity, lease, log, tellHealth: tell });
    await lease.giveUp();
  } finally {
    health?.server.close();
  }

  function tell(source: () => HealthFacts): void {
    facts = source;
  }
}

const waitingFacts: HealthFacts = {
  leads: false,
  connected: false,
  transport: null,
  inventoryComplete: false,
  usageFrom: null,
  outboxMessages: 0,
  droppedMessages: {},
};

/** What an agent works with that is alone or leads. */
interface Work {
  readonly world: AgentWorld;
  readonly server: ServerAccess;
  /** Changes nothing any more once the lease is lost. */
  readonly api: KubernetesApi;
  readonly identity: Identity;
  readonly lease: LeaderLease | undefined;
  readonly log: Log;
  readonly tellHealth: (facts: () => HealthFacts) => void;
}

/** Reports and carries out tasks until the agent is to end, or leads no more. Nothing is under way when this resolves. */
async function work({ world, server, api, identity: enrolled, lease, log, tellHealth }: Work): Promise<void> {
  const { settings } = world;
  const now = Date.now;
  const random = Math.random;
  const failure = new AbortController();
  const signal = AbortSignal.any([world.signal, failure.signal, ...(lease ? [lease.lost] : [])]);

  const identity = nextBoot(settings.dataFolder, enrolled);
  let snapshotDue: (() => void) | undefined;
  const taskLog = lease ? openLeaseTaskLog(lease, log) : openTaskLog(settings.dataFolder);
  /** Ends of tasks that were not acknowledged yet, by number of their message. */
  const sentEnds = new Map<number, string>();
  const outbox = openOutbox({
    dataFolder: settings.dataFolder,
    bootEpoch: identity.bootEpoch,
    maxBytes: settings.outboxMaxBytes,
    now,
    log,
    onSnapshotDue: () => snapshotDue?.(),
    onAcknowledged: acked => {
      for (const [seq, taskId] of sentEnds) {
        if (seq > acked) break;
        sentEnds.delete(seq);
        taskLog.reported(taskId);
      }
    },
  });
  const tasks = createTaskRunner({
    api,
    taskLog,
    report: result => {
      const seq = outbox.enqueue({ kind: 'task.result', result });
      if (seq !== undefined && result.state !== 'running') sentEnds.set(seq, result.taskId);
    },
    log,
    now,
    random,
    signal,
  });
  tasks.reportEnded();
  const send = outbox.enqueue;
  const inventory = startInventory({ api, send, log, now, random, signal });
  snapshotDue = inventory.snapshotDue;
  let usageFrom: string | undefined;
  // A notice about a node that the server does not know yet says nothing, nor does usage of such pods.
  void inventory.listed.then(() => watchNotices({ api, send, log, random, signal }));
  void inventory.listed
    .then(() =>
      reportUsage({
        sources: [
          ...(settings.prometheusUrl === undefined ? [] : [prometheus(settings.prometheusUrl)]),
          metricsApi(api),
        ],
        send,
        log,
        signal,
        everyMs: usageEveryMs,
        onRound: from => {
          usageFrom = from;
        },
      }),
    )
    .catch((error: unknown) => log.warn('Reporting usage ended', { reason: errorText(error) }));

  let ready = false;
  const connection = connect({
    identity: keepIdentity(settings.dataFolder, identity),
    access: server,
    transport: settings.transport,
    leaderEpoch: lease?.epoch,
    outbox,
    log,
    random,
    signal,
    onConnected: () => {
      if (ready) return;
      ready = true;
      world.onReady(JSON.stringify({ ready: true, clusterId: identity.clusterId }));
    },
    onTask: tasks.offer,
    onUnreadableTask: tasks.refuseUnreadable,
    onCancel: tasks.cancel,
    onResync: inventory.snapshotDue,
  });
  tellHealth(() => ({
    leads: true,
    connected: connection.transport !== null,
    transport: connection.transport,
    inventoryComplete: inventory.complete,
    usageFrom: usageFrom ?? null,
    outboxMessages: outbox.size,
    droppedMessages: outbox.dropped,
  }));
  const isConnected = () => connection.transport !== null;
  void giveNodesBack({ api, taskLog, tasks, isConnected, send, log, now, signal });

  try {
    await connection.ended;
    if (lease?.lost.aborted)
      throw new AgentStop(4, `${lease.lost.reason} Start the agent again to wait for its turn.`);
    // Only then may another replica go on with them.
    if (lease) await tasks.settled();
  } finally {
    failure.abort();
    await outbox.close();
    taskLog.close();
  }
}

/** Who this agent is, after enrolment if need be. */
async function identify({ settings, signal }: AgentWorld, access: ServerAccess, log: Log): Promise<Identity> {
  const stored = loadIdentity(settings.dataFolder);
  if (stored) return stored;
  const { joinToken, dataFolder } = settings;
  if (!joinToken) {
    throw new AgentStop(
      2,
      'This agent is not enrolled: create a join token on the Clusters page and pass it with --join or CLOUDOPTIM_JOIN_TOKEN.',
    );
  }
  const instanceId = randomUUID();
  const fresh = await enrol({ access, joinToken, instanceId, log, random: Math.random, signal });
  saveIdentity(dataFolder, fresh);
  log.info('Enrolled', { clusterId: fresh.clusterId, clusterName: fresh.clusterName });
  return fresh;
}
