import type {
  AgentMessage,
  AgentMessageBatch,
  BatchAnswer,
  TaskResult,
} from '../../common/agent-protocol/index.ts';
import { AppError } from '../../common/errors.ts';
import type { AgentIdentity, Clock, Logger } from '../platform/index.ts';
import { cursorOf, rowOf } from './admit-agent.ts';
import type { AgentTasks } from './agent-tasks.ts';
import type { ClusterEntry, ClusterRegister } from './cluster-register.ts';
import type { Touched } from './cluster-state.ts';
import type { EnrolmentStore } from './enrolment-store.ts';
import type { EventStore, SeenEvent } from './event-store.ts';
import type { InventoryStore } from './inventory-store.ts';
import { mergeInventory } from './merge-inventory.ts';
import { readBatch } from './read-cursor.ts';
import { seenChanges } from './seen-changes.ts';
import type { Usage } from './usage/usage.ts';

/** Something that an agent saw happen in its cluster. */
export interface ClusterEvent {
  readonly clusterId: string;
  /** By the clock of the agent. */
  readonly atMs: number;
  /** As the cluster has it: `SpotInterrupted`. */
  readonly reason: string;
  /** Kind, namespace and name: `Node//ip-10-0-1-2.ec2.internal`. */
  readonly object: string;
}

/** What an agent says, whatever carries it. */
export interface MessageReceiver {
  /**
   * Commits what is new in a batch, then shows it. Batches of one cluster go one after the other.
   * @throws AppError `access.unauthenticated` when the agent was revoked, `resource.conflict` when a newer start of
   * it was seen or another replica leads; nothing of the batch counts then
   */
  receive(agent: AgentIdentity, batch: AgentMessageBatch): Promise<BatchAnswer>;

  /**
   * Commits a single result that came outside a batch.
   * @throws AppError `resource.not-found` for an unknown task, `resource.conflict` for the result of another epoch
   */
  receiveResult(agent: AgentIdentity, result: TaskResult): Promise<void>;
}

export function createMessageReceiver(parts: {
  enrolment: EnrolmentStore;
  inventory: InventoryStore;
  events: EventStore;
  usage: Usage;
  tasks: AgentTasks;
  register: ClusterRegister;
  clock: Clock;
  log: Logger;
  /** Hears of changes after their commit. */
  onChanged: (entry: ClusterEntry, touched: Touched, hasInventory: boolean) => void;
  /** Hears of events after their commit and after the inventory that came with them. */
  onEvent: (event: ClusterEvent) => void;
}): MessageReceiver {
  const {
    enrolment,
    inventory,
    events: eventStore,
    usage,
    tasks,
    register,
    clock,
    log,
    onChanged,
    onEvent,
  } = parts;

  const commit = (agent: AgentIdentity, entry: ClusterEntry, batch: AgentMessageBatch) =>
    enrolment.write(async transaction => {
      const row = await enrolment.findAgentIn(transaction, agent.agentId);
      if (!row || row.revoked_at !== null) {
        throw new AppError('access.unauthenticated', 'This agent is not known or was revoked.');
      }
      const read = readBatch(cursorOf(row), batch);
      if (read === 'superseded') {
        throw new AppError(
          'resource.conflict',
          `Start ${row.boot_epoch} of this agent was seen; this batch is of start ${batch.bootEpoch}.`,
          { hint: 'Only one copy of an agent may run; end the older one.' },
        );
      }
      const cluster = await enrolment.findClusterIn(transaction, entry.id);
      if (cluster && cluster.leader_epoch > 0 && cluster.leader_agent_id !== row.id) {
        throw new AppError('resource.conflict', 'Another replica of this agent leads now.', {
          hint: 'It ends by itself and waits for its turn.',
        });
      }
      const now = clock.now();
      const changes = mergeInventory(entry.inventory.objects, read.fresh);
      await inventory.applyIn(transaction, entry.id, changes);
      await usage.noteIn(transaction, entry.id, read.fresh, entry.inventory.objects, changes);
      const seen: SeenEvent[] = entry.isPictured ? seenChanges(entry.inventory.objects, changes, now) : [];
      const results: TaskResult[] = [];
      let kubernetesVersion: string | undefined;
      for (const { at, body } of read.fresh) {
        if (body.kind === 'inventory.snapshot') kubernetesVersion = body.kubernetesVersion;
        if (body.kind === 'event') {
          const { reason, object, message, severity } = body;
          seen.push({ at: Math.min(at, now), reason, object, message, severity });
        }
        if (body.kind !== 'task.result') continue;
        const verdict = await tasks.takeIn(transaction, entry.id, body.result);
        if (verdict === 'taken') results.push(body.result);
        else
          log.warn({ clusterId: entry.id, taskId: body.result.taskId, verdict }, 'a task result was dropped');
      }
      const newestEvent = await eventStore.addIn(transaction, entry.id, seen);
      const missed = row.missed_messages + read.missed;
      await enrolment.updateAgentIn(transaction, row.id, {
        ...rowOf(read.cursor),
        missed_messages: missed,
      });
      const hasInventory = read.fresh.some(({ body }) => body.kind.startsWith('inventory.'));
      await enrolment.updateClusterIn(transaction, entry.id, {
        last_seen_at: now,
        ...(hasInventory ? { inventory_at: now } : {}),
        ...(kubernetesVersion === undefined ? {} : { kubernetes_version: kubernetesVersion }),
      });
      return { read, changes, results, hasInventory, now, newestEvent, missed, kubernetesVersion };
    });

  const receiveNext = async (agent: AgentIdentity, entry: ClusterEntry, batch: AgentMessageBatch) => {
    const committed = await commit(agent, entry, batch);
    const { read, changes, results, hasInventory, now } = committed;
    entry.lastSeenAt = now;
    entry.agent.missedMessages = committed.missed;
    entry.agent.events = committed.newestEvent ?? entry.agent.events;
    entry.agent.kubernetesVersion = committed.kubernetesVersion ?? entry.agent.kubernetesVersion;
    entry.agent.outbox = batch.outbox ?? entry.agent.outbox;
    if (hasInventory) entry.inventoryAt = now;
    entry.isPictured ||= read.fresh.some(endsPicture);
    const touched = entry.inventory.apply(changes);
    const events: ClusterEvent[] = [];
    for (const { at, body } of read.fresh) {
      if (body.kind === 'usage') {
        entry.usageAt = now;
        const used = entry.inventory.applyUsage(body, Math.min(at, now));
        for (const name of used.nodes) touched.nodes.add(name);
        for (const key of used.pods) touched.pods.add(key);
      } else if (body.kind === 'event') {
        const { reason, object, message, severity } = body;
        log[severity === 'warning' ? 'warn' : 'debug']({ clusterId: entry.id, reason, object }, message);
        events.push({ clusterId: entry.id, atMs: at, reason, object });
      }
    }
    onChanged(entry, touched, hasInventory);
    for (const event of events) onEvent(event);
    tasks.announce(entry.id, results);
    return { ackedSeq: read.cursor.ackedSeq, resync: read.cursor.needsSnapshot };
  };

  return {
    receive: (agent, batch) => {
      const entry = register.get(agent.clusterId);
      const turn = entry.line.then(() => receiveNext(agent, entry, batch));
      entry.line = turn.catch(() => undefined);
      return turn;
    },
    receiveResult: async (agent, result) => {
      const verdict = await enrolment.write(transaction =>
        tasks.takeIn(transaction, agent.clusterId, result),
      );
      if (verdict === 'unknown') {
        throw new AppError('resource.not-found', `There is no task "${result.taskId}" for this cluster.`);
      }
      if (verdict === 'stale') {
        throw new AppError(
          'resource.conflict',
          `The result is of epoch ${result.epoch}, the task "${result.taskId}" is of another.`,
        );
      }
      register.seen(agent.clusterId);
      if (verdict === 'taken') tasks.announce(agent.clusterId, [result]);
    },
  };
}

/** A picture that comes in parts is whole with the part that says of no other. */
function endsPicture({ body }: AgentMessage): boolean {
  return (body.kind === 'inventory.snapshot' || body.kind === 'inventory.delta') && body.more !== true;
}
