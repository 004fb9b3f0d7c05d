import { z } from 'zod';
import {
  type AgentMessageBatch,
  type BatchAnswer,
  batchAnswer,
  type Handshake,
  handshakeRefusals,
  longestPollSeconds,
} from '../../common/agent-protocol/index.ts';
import { explainTrouble } from './explain-trouble.ts';
import { callServer, type HttpAnswer } from './http-call.ts';
import { readTask } from './read-task.ts';
import type { Dialled, DialOptions, LinkEvents } from './server-link.ts';

const answerTimeoutMs = 15_000;

/** Tasks are read one by one: a newer server may send kinds that this version does not know. */
const polled = z.object({
  tasks: z.array(z.unknown()),
  cancel: z.array(z.string()),
  resync: z.boolean(),
  newKey: z.string().min(1).optional(),
});
const failure = z.object({
  error: z.object({
    message: z.string(),
    details: z.object({ refusal: z.enum(handshakeRefusals) }).optional(),
  }),
});

/**
 * Opens a link of plain requests: one that is kept open until the server has something to say, and one for each batch. The first
 * poll is answered at once, and is the handshake.
 */
export async function dialHttp({ access, hello, events, signal }: DialOptions): Promise<Dialled> {
  const ended = new AbortController();
  const until = AbortSignal.any([signal, ended.signal]);
  const call = (method: 'GET' | 'POST', path: string, timeoutMs: number, body?: object) => {
    const { agentId, key } = hello();
    return callServer(access, {
      ...{ method, path: `/api/v1/client/${path}`, key: `${agentId}.${key}` },
      ...(body ? { body } : {}),
      signal: AbortSignal.any([until, AbortSignal.timeout(timeoutMs)]),
    });
  };
  const poll = async (waitSeconds: number): Promise<Dialled | undefined> => {
    const answer = await call(
      'GET',
      `tasks?${pollQuery(hello(), waitSeconds)}`,
      waitSeconds * 1_000 + answerTimeoutMs,
    );
    return answer.status === 200 ? takeAnswer(answer.body, events) : notTaken(answer);
  };
  const keepPolling = async () => {
    while (!until.aborted) {
      if (await poll(longestPollSeconds)) throw new Error('the server ended the poll');
    }
  };

  try {
    const refused = await poll(0);
    if (refused) return refused;
  } catch (error) {
    return { trouble: explainTrouble(error) };
  }
  void keepPolling().catch((error: unknown) => ended.abort(explainTrouble(error).reason));
  return {
    link: {
      transport: 'http',
      send: batch => sendBatch(batch, body => call('POST', pathOf(batch), answerTimeoutMs, body)),
      ended: ended.signal,
      close: () => ended.abort('closed'),
    },
  };
}

/** Events are seen apart from the rest by proxies and logs; the server takes either the same way. */
function pathOf({ messages }: AgentMessageBatch): 'events' | 'metrics' {
  return messages.every(({ body }) => body.kind === 'event') ? 'events' : 'metrics';
}

async function sendBatch(
  batch: AgentMessageBatch,
  post: (body: object) => Promise<HttpAnswer>,
): Promise<BatchAnswer> {
  const { status, body } = await post(batch);
  if (status === 200) return batchAnswer.parse(body);
  const parsed = failure.safeParse(body);
  throw new Error(parsed.success ? parsed.data.error.message : `it answered ${status}`);
}

/** Hands on what the server says; a trouble when it is no answer of CloudOptim. */
function takeAnswer(body: unknown, events: LinkEvents): Dialled | undefined {
  const parsed = polled.safeParse(body);
  if (!parsed.success) return trouble('it answered something else; is it CloudOptim?');
  const { tasks, cancel, resync, newKey } = parsed.data;
  // The next poll uses it, which tells the server that it is stored.
  if (newKey !== undefined) events.onKey(newKey);
  if (resync) events.onResync();
  for (const task of tasks) readTask(task, events);
  for (const taskId of cancel) events.onCancel(taskId);
  return undefined;
}

function notTaken({ status, body }: HttpAnswer): Dialled {
  const parsed = failure.safeParse(body);
  if (!parsed.success) return trouble(`it answered ${status}`);
  const { message, details } = parsed.data.error;
  if (details) return { refusal: details.refusal, message };
  return status === 401 ? { refusal: 'unauthenticated', message } : trouble(message);
}

function trouble(reason: string): Dialled {
  return { trouble: { reason, needsSetting: false } };
}

function pollQuery(hello: Handshake, waitSeconds: number): string {
  const { protocolMin, protocolMax, agentVersion, instanceId, bootEpoch, lastAckedSeq, leaderEpoch } = hello;
  const values = { protocolMin, protocolMax, agentVersion, instanceId, bootEpoch, lastAckedSeq, waitSeconds };
  const texts = Object.entries({ ...values, ...(leaderEpoch === undefined ? {} : { leaderEpoch }) }).map(
    ([name, value]): [string, string] => [name, String(value)],
  );
  return new URLSearchParams([...texts, ['capabilities', hello.capabilities.join(',')]]).toString();
}
