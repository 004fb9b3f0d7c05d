import { z } from 'zod';
import {
  agentMessageBatch,
  batchAnswer,
  pollAnswer,
  pollQuery,
  taskResult,
} from '../agent-protocol/index.ts';
import { procedure } from './procedure.ts';
import { done } from './values.ts';

/** For agents that cannot hold a WebSocket: the same messages over plain requests. */
export const tasks = {
  pollTasks: procedure({
    method: 'GET',
    path: '/api/v1/client/tasks',
    access: 'agent',
    tag: 'agents',
    summary: 'Tasks that wait for this agent; kept open until there is something to say, where asked to',
    query: pollQuery,
    response: pollAnswer,
  }),
  reportTask: procedure({
    method: 'POST',
    path: '/api/v1/client/tasks/:id/result',
    access: 'agent',
    tag: 'agents',
    summary: 'Progress or result of a task; idempotent',
    params: z.object({ id: z.string() }),
    body: taskResult,
    response: done,
  }),
  sendMetrics: procedure({
    method: 'POST',
    path: '/api/v1/client/metrics',
    access: 'agent',
    tag: 'agents',
    summary: 'A batch of inventory and usage messages; acknowledged after commit',
    body: agentMessageBatch,
    response: batchAnswer,
  }),
  sendEvents: procedure({
    method: 'POST',
    path: '/api/v1/client/events',
    access: 'agent',
    tag: 'agents',
    summary: 'A batch of event messages; acknowledged after commit',
    body: agentMessageBatch,
    response: batchAnswer,
  }),
};
