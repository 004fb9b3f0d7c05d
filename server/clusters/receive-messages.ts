import type {
  AgentMessage,
  AgentMessageBatch,
  BatchAnswer,
  TaskResult,
} from '../../common/agent-protocol/index.ts';
import { AppError } from '../../common/errors.ts';
import type { AgentIdentity, Clock, Logger } from '../platform/index.ts';
import type { AgentTasks } from './agent-tasks.ts';
import type { ClusterEntry, ClusterRegister } from './cluster-register.ts';
import type { EnrolmentStore } from './enrolment-store.ts';
import type { EventStore, SeenEvent } from './event-store.ts';
import type { InventoryStore } from './inventory-store.ts';
import { mergeInventory } from './merge-inventory.ts';
import { type HeardBatch, readBatchOf } from './read-batch-of.ts';
import { seenChanges } from './seen-changes.ts';
import type { Usage } from './usage/usage.ts';
import { isUsageAlone, UsageIntake } from './usage-intake.ts';

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
  /** Hears of changes after their commit, and of which nodes. */
  onChanged: (entry: ClusterEntry, nodes: ReadonlySet<string>, hasInventory: boolean) => void;
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

  const intake = new UsageIntake(enrolment, usage, clock);

  const commit = (agent: AgentIdentity, entry: ClusterEntry, batch: AgentMessageBatch) =>
    enrolment.write(async transaction => {
      const speakers = await enrolment.findSpeakersIn(transaction, [agent.agentId]);
      const heard = readBatchOf(speakers.get(agent.agentId), batch);
      const now = clock.now();
      const changes = mergeInventory(entry.inventory.objects, heard.fresh);
      await inventory.applyIn(transaction, entry.id, changes);
      await usage.noteIn(transaction, entry.id, heard.fresh, entry.inventory.objects, changes);
      const seen: SeenEvent[] = entry.isPictured ? seenChanges(entry.inventory.objects, changes, now) : [];
      const results: TaskResult[] = [];
      let kubernetesVersion: string | undefined;
      for (const { at, body } of heard.fresh) {
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
      await enrolment.moveCursorsIn(transaction, [heard.moved]);
      const hasInventory = heard.fresh.some(({ body }) => body.kind.startsWith('inventory.'));
      // When it was last seen is written with that of all others, once a minute.
      if (hasInventory) {
        await enrolment.updateClusterIn(transaction, entry.id, {
          inventory_at: now,
          last_seen_at: now,
          ...(kubernetesVersion === undefined ? {} : { kubernetes_version: kubernetesVersion }),
        });
      }
      return { heard, changes, results, hasInventory, newestEvent, kubernetesVersion };
    });

  /** Shows what is on disk of the agent and its usage; tells the nodes that it touches. */
  const fold = (entry: ClusterEntry, batch: AgentMessageBatch, { fresh, moved }: HeardBatch): Set<string> => {
    const now = clock.now();
    entry.lastSeenAt = now;
    entry.agent.missedMessages = moved.missed_messages;
    entry.agent.outbox = batch.outbox ?? entry.agent.outbox;
    const nodes = new Set<string>();
    for (const { at, body } of fresh) {
      if (body.kind !== 'usage') continue;
      entry.usageAt = now;
      entry.inventory.applyUsage(body, Math.min(at, now), nodes);
    }
    return nodes;
  };

  const receiveUsage = async (agent: AgentIdentity, entry: ClusterEntry, batch: AgentMessageBatch) => {
    const heard = await intake.commit(agent, entry, batch);
    onChanged(entry, fold(entry, batch, heard), false);
    return answerOf(heard);
  };

  const receiveNext = async (agent: AgentIdentity, entry: ClusterEntry, batch: AgentMessageBatch) => {
    const committed = await commit(agent, entry, batch);
    const { heard, changes, results, hasInventory } = committed;
    entry.agent.events = committed.newestEvent ?? entry.agent.events;
    entry.agent.kubernetesVersion = committed.kubernetesVersion ?? entry.agent.kubernetesVersion;
    if (hasInventory) entry.inventoryAt = clock.now();
    entry.isPictured ||= heard.fresh.some(endsPicture);
    const { nodes } = entry.inventory.apply(changes);
    for (const name of fold(entry, batch, heard)) nodes.add(name);
    const events: ClusterEvent[] = [];
    for (const { at, body } of heard.fresh) {
      if (body.kind !== 'event') continue;
      const { reason, object, message, severity } = body;
      log[severity === 'warning' ? 'warn' : 'debug']({ clusterId: entry.id, reason, object }, message);
      events.push({ clusterId: entry.id, atMs: at, reason, object });
    }
    onChanged(entry, nodes, hasInventory);
    for (const event of events) onEvent(event);
    tasks.announce(entry.id, results);
    return answerOf(heard);
  };

  return {
    receive: (agent, batch) => {
      const entry = register.get(agent.clusterId);
      const isUsage = isUsageAlone(batch);
      if (!isUsage) intake.hurry(entry.id);
      const turn = entry.line.then(() => (isUsage ? receiveUsage : receiveNext)(agent, entry, batch));
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

function answerOf({ cursor }: HeardBatch): BatchAnswer {
  return { ackedSeq: cursor.ackedSeq, resync: cursor.needsSnapshot };
}

/** A picture that comes in parts is whole with the part that says of no other. */
function endsPicture({ body }: AgentMessage): boolean {
  return (body.kind === 'inventory.snapshot' || body.kind === 'inventory.delta') && body.more !== true;
}
