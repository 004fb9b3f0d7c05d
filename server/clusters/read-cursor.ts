import type { AgentMessage, AgentMessageBatch } from '../../common/agent-protocol/index.ts';

/** How far the messages of an agent were committed. */
export interface AgentCursor {
  readonly bootEpoch: number;
  readonly ackedSeq: number;
  /** Inventory was missed: deltas say nothing until a snapshot comes. */
  readonly needsSnapshot: boolean;
}

/** What of a batch counts. */
export interface ReadBatch {
  readonly cursor: AgentCursor;
  /** Messages not seen before, in order; without deltas that follow a hole. */
  readonly fresh: readonly AgentMessage[];
  /** How many never came, by the holes in their numbers. */
  readonly missed: number;
}

/**
 * Sorts out a batch: what was committed before is dropped by (bootEpoch, seq); after a hole, inventory deltas are
 * dropped until a snapshot, everything else counts. The cursor goes past a hole, because what is missing there will
 * not come again: the agent's outbox let it go.
 * @returns `superseded` when a newer start of the agent was seen
 */
export function readBatch(before: AgentCursor, batch: AgentMessageBatch): ReadBatch | 'superseded' {
  if (batch.bootEpoch < before.bootEpoch) return 'superseded';
  const start = enterBoot(before, batch.bootEpoch);
  let { ackedSeq, needsSnapshot } = start;
  const fresh: AgentMessage[] = [];
  let missed = 0;
  for (const message of batch.messages.toSorted((a, b) => a.seq - b.seq)) {
    if (message.seq <= ackedSeq) continue;
    if (message.seq > ackedSeq + 1) needsSnapshot = true;
    missed += message.seq - ackedSeq - 1;
    ackedSeq = message.seq;
    if (message.body.kind === 'inventory.snapshot') needsSnapshot = false;
    if (message.body.kind === 'inventory.delta' && needsSnapshot) continue;
    fresh.push(message);
  }
  return { cursor: { bootEpoch: start.bootEpoch, ackedSeq, needsSnapshot }, fresh, missed };
}

/** The cursor at a start of the agent: a new start counts from one, and has missed what happened before it. */
export function enterBoot(before: AgentCursor, bootEpoch: number): AgentCursor {
  return bootEpoch > before.bootEpoch ? { bootEpoch, ackedSeq: 0, needsSnapshot: true } : before;
}
