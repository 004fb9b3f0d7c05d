import { z } from 'zod';
import { roles, tokenScopes } from '../../../common/contracts/index.ts';

/** What a follower asks of the leader, and the one event that the leader sends to all followers. */
export const LIVE_PATH = '/internal/replicas/live';
export const ACTOR_PATH = '/internal/replicas/actor';
/** Socket.IO namespace to which nobody connects; servers talk to each other in it. */
export const REPLICA_NAMESPACE = '/replicas';

export const liveQuestion = z.object({
  looks: z
    .array(
      z.object({
        topic: z.string().min(1).max(200),
        epoch: z.string().max(40).optional(),
        afterSeq: z.number().int().optional(),
      }),
    )
    .max(100_000),
});

export const actorQuestion = z.union([
  z.object({ token: z.string().max(1_000) }),
  z.object({ session: z.string().max(1_000) }),
]);

export const actorAnswer = z.object({
  actor: z
    .object({
      id: z.string(),
      label: z.string(),
      role: z.enum(roles),
      scopes: z.array(z.enum(tokenScopes)).optional(),
      sessionId: z.string().optional(),
    })
    .nullable(),
});
