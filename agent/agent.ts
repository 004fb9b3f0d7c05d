import { randomUUID } from 'node:crypto';
import { AgentStop } from './agent-stop.ts';
import { connect } from './connection/connect.ts';
import { openServerAccess } from './connection/server-access.ts';
import { enrol } from './enrolment.ts';
import { serveHealth } from './health.ts';
import { type Identity, keepIdentity, loadIdentity, nextBoot, saveIdentity } from './identity-store.ts';
import { startInventory } from './inventory/inventory.ts';
import { watchInterruptions } from './inventory/watch-interruptions.ts';
import { openClusterAccess } from './kubernetes/cluster-access.ts';
import { createKubernetesApi } from './kubernetes/kubernetes-api.ts';
import { createLog, errorText } from './log.ts';
import { openOutbox } from './outbox/outbox.ts';
import type { Settings } from './settings.ts';
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

/** Runs the agent until `signal` aborts. Rejects with `AgentStop` when it cannot start or was turned away. */
export async function runAgent(world: AgentWorld): Promise<void> {
  const { settings } = world;
  const now = Date.now;
  const random = Math.random;
  const log = createLog(world.writeLog, now);
  const failure = new AbortController();
  const signal = AbortSignal.any([world.signal, failure.signal]);

  const api = createKubernetesApi(await openClusterAccess(settings.kubeconfigFile, world.environment, now));
  const access = openServerAccess(settings.serverUrl, settings.proxy, settings.authorities);
  const identity = nextBoot(settings.dataFolder, await identify());
  let snapshotDue: (() => void) | undefined;
  const outbox = openOutbox({
    dataFolder: settings.dataFolder,
    bootEpoch: identity.bootEpoch,
    maxBytes: settings.outboxMaxBytes,
    now,
    log,
    onSnapshotDue: () => snapshotDue?.(),
  });
  const taskLog = openTaskLog(settings.dataFolder);
  const tasks = createTaskRunner({
    api,
    taskLog,
    report: result => outbox.enqueue({ kind: 'task.result', result }),
    log,
    now,
    random,
    signal,
  });
  tasks.endOverdue();
  const send = outbox.enqueue;
  const inventory = startInventory({ api, send, log, now, random, signal });
  snapshotDue = inventory.snapshotDue;
  let usageFrom: string | undefined;
  // A notice about a node that the server does not know yet says nothing, nor does usage of such pods.
  void inventory.listed.then(() => watchInterruptions({ api, send, log, random, signal }));
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
    access,
    transport: settings.transport,
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
  const health =
    settings.healthPort === undefined
      ? undefined
      : await serveHealth(settings.healthPort, () => ({
          connected: connection.transport !== null,
          transport: connection.transport,
          inventoryComplete: inventory.complete,
          usageFrom: usageFrom ?? null,
          outboxMessages: outbox.size,
          droppedMessages: outbox.dropped,
        }));
  if (health) log.info('Health is told on 127.0.0.1', { port: health.port });

  try {
    await connection.ended;
  } finally {
    failure.abort();
    health?.server.close();
    await outbox.close();
    taskLog.close();
  }

  async function identify(): Promise<Identity> {
    const stored = loadIdentity(settings.dataFolder);
    if (stored) return stored;
    const { joinToken, dataFolder } = settings;
    if (!joinToken) {
      throw new AgentStop(
        2,
        'This agent is not enrolled: create a join token on the Clusters page and pass it with --join or CLOUDOPTIM_JOIN_TOKEN.',
      );
    }
    const fresh = await enrol({ access, joinToken, instanceId: randomUUID(), log, random, signal });
    saveIdentity(dataFolder, fresh);
    log.info('Enrolled', { clusterId: fresh.clusterId, clusterName: fresh.clusterName });
    return fresh;
  }
}
