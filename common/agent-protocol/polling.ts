import { z } from 'zod';
import type { Handshake } from './messages.ts';
import { agentTask } from './tasks.ts';

/** Longest time in seconds that a poll is kept open: proxies cut what says nothing for half a minute. */
export const longestPollSeconds = 25;

/**
 * The handshake of an agent that asks for its tasks by plain requests, as the query of each poll; its id and key come in the
 * header. Only the versions are needed to be read: what else is missing is refused by name once they fit.
 */
export const pollQuery = z.object({
  protocolMin: z.coerce.number().int(),
  protocolMax: z.coerce.number().int(),
  capabilities: z.string().default('').meta({ description: 'Separated by commas' }),
  agentVersion: z.string().max(40).optional(),
  instanceId: z.string().max(80).optional(),
  bootEpoch: z.coerce.number().int().optional(),
  lastAckedSeq: z.coerce.number().int().optional(),
  leaderEpoch: z.coerce.number().int().optional().meta({ description: 'Of replicas that lead in turns' }),
  waitSeconds: z.coerce.number().int().min(0).max(longestPollSeconds).default(0).meta({
    description:
      'How long to wait for something to say. 0 begins: all that waits is answered at once, also what was answered before',
  }),
});
export type PollQuery = z.output<typeof pollQuery>;

/** What a poll is answered. */
export const pollAnswer = z.object({
  tasks: z.array(agentTask),
  /** Ids of tasks that are to end. */
  cancel: z.array(z.string()),
  /** Send an `inventory.snapshot`. */
  resync: z.boolean(),
  newKey: z.string().optional().meta({
    description:
      'Store it, then use it: the key before works until then. Only for agents with the capability `rotate-key`',
  }),
});
export type PollAnswer = z.output<typeof pollAnswer>;

/** The handshake behind a poll, to be checked as any other. */
export function handshakeOfPoll(
  query: PollQuery,
  agent: Pick<Handshake, 'agentId' | 'clusterId' | 'key'>,
): Record<string, unknown> {
  const { waitSeconds, capabilities, ...rest } = query;
  return { ...rest, capabilities: capabilities.split(',').filter(one => one !== ''), ...agent };
}
