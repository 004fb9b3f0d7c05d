import { z } from 'zod';
import { inventoryObject } from './inventory.ts';
import { type AgentTask, taskResult } from './tasks.ts';

/** First words of an agent, in the `auth` of the Socket.IO handshake. */
export const handshake = z.object({
  protocolMin: z.number().int(),
  protocolMax: z.number().int(),
  capabilities: z.array(z.string()),
  agentVersion: z.string(),
  agentId: z.string(),
  key: z.string(),
  clusterId: z.string(),
  /** One per installation of the agent; survives restarts. */
  instanceId: z.string(),
  /** Grows by one at each start of the agent. `seq` starts anew with it. */
  bootEpoch: z.number().int(),
  lastAckedSeq: z.number().int(),
  /** Of replicas that lead in turns: grows with each leader of the cluster; since version 4. */
  leaderEpoch: z.number().int().positive().optional(),
});
export type Handshake = z.output<typeof handshake>;

/** Why a server turned an agent away: the `data.code` of the connect error. */
export const handshakeRefusals = [
  'unauthenticated',
  'revoked',
  /** A newer start of this agent (a higher boot epoch), or a newer leader of its replicas, was seen: this copy is to end. */
  'superseded',
  'protocol-too-old',
  'protocol-too-new',
  'malformed',
] as const;
export type HandshakeRefusal = (typeof handshakeRefusals)[number];

const usage = z.object({ cpuMilli: z.number(), memoryBytes: z.number() });

/** Bodies of what an agent says, by kind. */
export const agentMessageBody = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('inventory.snapshot'),
    objects: z.array(inventoryObject),
    kubernetesVersion: z.string(),
    /** The picture is not whole yet: the rest follows as upserts of the next deltas, the last one without `more`. */
    more: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('inventory.delta'),
    upserts: z.array(inventoryObject),
    /** Keys as `inventoryKey` gives them. */
    removals: z.array(z.string()),
    /** One of several parts of a snapshot; another one follows. */
    more: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('usage'),
    nodes: z.array(z.object({ name: z.string(), used: usage })),
    pods: z.array(
      z.object({
        namespace: z.string(),
        name: z.string(),
        used: usage,
        /** Since version 2. */
        containers: z.array(z.object({ name: z.string(), used: usage })).optional(),
      }),
    ),
  }),
  z.object({
    kind: z.literal('event'),
    reason: z.string(),
    object: z.string(),
    message: z.string(),
    severity: z.enum(['info', 'warning']),
  }),
  z.object({ kind: z.literal('task.result'), result: taskResult }),
]);
export type AgentMessageBody = z.output<typeof agentMessageBody>;

/** Every message waits in the agent's durable outbox until the server acknowledged its `seq`. */
export const agentMessage = z.object({
  seq: z.number().int().positive(),
  at: z.number().int(),
  body: agentMessageBody,
});
export type AgentMessage = z.output<typeof agentMessage>;

export const agentMessageBatch = z.object({
  bootEpoch: z.number().int(),
  messages: z.array(agentMessage).min(1).max(500),
  /** How the outbox is once this batch is gone; absent where the agent does not tell. */
  outbox: z
    .object({
      waiting: z.number().int(),
      /** Messages dropped for want of room since the start of the agent, by kind of body. */
      dropped: z.record(z.string(), z.number().int()),
    })
    .optional(),
});
export type AgentMessageBatch = z.output<typeof agentMessageBatch>;

/** Sent after the commit. `resync`: a hole was seen; send an `inventory.snapshot`. */
export const batchAnswer = z.object({ ackedSeq: z.number().int(), resync: z.boolean() });
export type BatchAnswer = z.output<typeof batchAnswer>;

/** Socket.IO events from the agent; `messages` is answered by acknowledgement. */
export interface AgentToServer {
  messages: (batch: AgentMessageBatch, answer: (result: BatchAnswer) => void) => void;
}

/** A new key for the agent, which works beside the present one until it is used. */
export const keyOffer = z.object({ key: z.string().min(1) });
export type KeyOffer = z.output<typeof keyOffer>;

/** Socket.IO events from the server. A task is offered again until its result arrives: effects are idempotent. */
export interface ServerToAgent {
  task: (task: AgentTask) => void;
  'task.cancel': (taskId: string) => void;
  resync: () => void;
  /** Only to agents with the capability `rotate-key`; answered once the key is on the agent's disk. */
  'key.offer': (offer: KeyOffer, stored: () => void) => void;
}
