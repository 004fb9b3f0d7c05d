import { mkdirSync } from 'node:fs';
import { connect } from '../../agent/connection/connect.ts';
import { openServerAccess } from '../../agent/connection/server-access.ts';
import { keepIdentity } from '../../agent/identity-store.ts';
import { type Outbox, openOutbox } from '../../agent/outbox/outbox.ts';
import type { AgentMessageBody, InventoryNode, InventoryPod } from '../../common/agent-protocol/index.ts';
import type { Enrolled } from '../../server/clusters/index.ts';
import { testNode, testPod } from '../../server/clusters/testing/test-objects.ts';

/** The agent's own outbox and connection without a cluster: many fit into one process, and each report can be told from all others. */
export interface ReportingAgent {
  readonly clusterId: string;
  readonly outbox: Outbox;
  readonly connected: boolean;
  /** Reports this number as the milli-cores of its only pod; a number belongs to one report alone. */
  report(number: number): void;
  /** Resolves when the server has acknowledged everything; rejects after `withinMs`. */
  settled(withinMs: number): Promise<void>;
  /** Why it was turned away, once it was. */
  readonly turnedAway: string | undefined;
  stop(): Promise<void>;
}

const silent = { info: () => undefined, warn: () => undefined };
const node: InventoryNode = testNode('n1');
const pod: InventoryPod = testPod('web-1', 'n1', { containers: [{ name: 'web', requests: {}, limits: {} }] });

/** @param folder of its own; kept between starts */
export function startReportingAgent(options: {
  readonly serverUrl: string;
  readonly enrolled: Enrolled;
  readonly folder: string;
  readonly random: () => number;
  readonly bootEpoch?: number;
  readonly outboxMaxBytes?: number;
}): ReportingAgent {
  const { serverUrl, enrolled, folder, random, bootEpoch = 1, outboxMaxBytes = 256 * 1024 * 1024 } = options;
  mkdirSync(folder, { recursive: true });
  const end = new AbortController();
  let turnedAway: string | undefined;
  const snapshot = () =>
    outbox.enqueue({ kind: 'inventory.snapshot', objects: [node, pod], kubernetesVersion: 'v1.35.0' });
  const outbox = openOutbox({
    dataFolder: folder,
    bootEpoch,
    maxBytes: outboxMaxBytes,
    now: Date.now,
    log: silent,
    onSnapshotDue: snapshot,
  });
  snapshot();
  const connection = connect({
    identity: keepIdentity(folder, { ...enrolled, serverUrl, instanceId: 'instance', bootEpoch }),
    leaderEpoch: undefined,
    access: openServerAccess(serverUrl, undefined, undefined),
    transport: 'websocket',
    outbox,
    log: silent,
    random,
    signal: end.signal,
    onConnected: () => undefined,
    onTask: () => undefined,
    onUnreadableTask: () => undefined,
    onCancel: () => undefined,
    onResync: snapshot,
  });
  connection.ended.catch((error: unknown) => {
    turnedAway = String(error);
  });
  return {
    clusterId: enrolled.clusterId,
    outbox,
    get connected() {
      return connection.transport !== null;
    },
    get turnedAway() {
      return turnedAway;
    },
    report: number => outbox.enqueue(usageOf(number)),
    async settled(withinMs) {
      const before = Date.now() + withinMs;
      while (outbox.size > 0) {
        if (turnedAway !== undefined) throw new Error(turnedAway);
        if (Date.now() > before)
          throw new Error(`${outbox.size} messages were not acknowledged within ${withinMs} ms`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    stop: async () => {
      end.abort();
      await connection.ended.catch(() => undefined);
      await outbox.close();
    },
  };
}

function usageOf(number: number): AgentMessageBody {
  const used = { cpuMilli: number, memoryBytes: 1_000_000 };
  return {
    kind: 'usage',
    nodes: [],
    pods: [{ namespace: pod.namespace, name: pod.name, used, containers: [{ name: 'web', used }] }],
  };
}
