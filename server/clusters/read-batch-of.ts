import type { AgentMessageBatch } from '../../common/agent-protocol/index.ts';
import { AppError } from '../../common/errors.ts';
import { cursorOf, rowOf } from './admit-agent.ts';
import type { MovedCursor, Speaker } from './enrolment-store.ts';
import { type ReadBatch, readBatch } from './read-cursor.ts';

/** What of a batch counts, and how far its agent has come with it. */
export interface HeardBatch extends ReadBatch {
  readonly moved: MovedCursor;
}

/**
 * Reads a batch by what the transaction that will move the cursor knows of its agent.
 * @throws AppError `access.unauthenticated` when the agent was revoked, `resource.conflict` when a newer start of it was seen or
 * another replica leads
 */
export function readBatchOf(speaker: Speaker | undefined, batch: AgentMessageBatch): HeardBatch {
  if (!speaker || speaker.revoked_at !== null) {
    throw new AppError('access.unauthenticated', 'This agent is not known or was revoked.');
  }
  const read = readBatch(cursorOf(speaker), batch);
  if (read === 'superseded') {
    throw new AppError(
      'resource.conflict',
      `Start ${speaker.boot_epoch} of this agent was seen; this batch is of start ${batch.bootEpoch}.`,
      { hint: 'Only one copy of an agent may run; end the older one.' },
    );
  }
  if (speaker.leader_epoch > 0 && speaker.leader_agent_id !== speaker.id) {
    throw new AppError('resource.conflict', 'Another replica of this agent leads now.', {
      hint: 'It ends by itself and waits for its turn.',
    });
  }
  const missed = speaker.missed_messages + read.missed;
  return { ...read, moved: { id: speaker.id, ...rowOf(read.cursor), missed_messages: missed } };
}
