import { io, type Socket } from 'socket.io-client';
import {
  type AgentTask,
  type AgentToServer,
  agentTask,
  batchAnswer,
  type Handshake,
  handshakeRefusals,
  protocolVersion,
  type ServerToAgent,
  taskAction,
} from '../common/agent-protocol/index.ts';
import { AgentStop } from './agent-stop.ts';
import type { Identity } from './identity-store.ts';
import { errorText, type Log } from './log.ts';
import type { Outbox } from './outbox/outbox.ts';
import { backoffMs, pause } from './pause.ts';
import { agentVersion } from './version.ts';

/** What the connection needs. */
export interface ConnectionOptions {
  readonly identity: Identity;
  readonly serverUrl: string;
  /** Of an agent that has several replicas. */
  readonly leaderEpoch: number | undefined;
  readonly outbox: Outbox;
  readonly log: Log;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onConnected: () => void;
  readonly onTask: (task: AgentTask) => void;
  /** A task that this version cannot read, so that it is refused rather than left open. */
  readonly onUnreadableTask: (taskId: string, epoch: number) => void;
  readonly onCancel: (taskId: string) => void;
  readonly onResync: () => void;
}

/** The connection to the server. */
export interface Connection {
  readonly connected: boolean;
  /** Rejects with `AgentStop` when the server turned the agent away for good; resolves when the signal aborted. */
  readonly ended: Promise<void>;
}

type AgentSocket = Socket<ServerToAgent, AgentToServer>;

const maxBatchMessages = 200;
const maxBatchBytes = 250_000;
const answerTimeoutMs = 10_000;
const maxBackoffMs = 10_000;

/**
 * Connects to the namespace `/agent` over WebSocket and empties the outbox batch by batch; each is sent again until
 * the server acknowledged it. A refusal of the handshake ends the agent, everything else is tried again up to every
 * 10 s, with jitter so that many agents do not come back at once.
 */
export function connect(options: ConnectionOptions): Connection {
  const { identity, serverUrl, outbox, log, random, signal } = options;
  const url = new URL(serverUrl);
  const socket: AgentSocket = io(`${url.origin}/agent`, {
    transports: ['websocket'],
    path: `${url.pathname.replace(/\/$/, '')}/socket.io`,
    // Ours: Socket.IO gives up after the server ended a connection or a middleware refused it.
    reconnection: false,
    autoConnect: false,
    auth: answer => answer(handshakeOf(identity, outbox.lastAckedSeq, options.leaderEpoch)),
  });
  const ended = Promise.withResolvers<void>();
  let attempt = 0;
  let awaySaid = false;

  const tryAgain = async (reason: string) => {
    if (signal.aborted) return;
    if (!awaySaid) log.warn(`CloudOptim at ${serverUrl} cannot be reached; trying again`, { reason });
    awaySaid = true;
    await pause(backoffMs(attempt++, 250, maxBackoffMs, random), signal);
    if (!signal.aborted) socket.connect();
  };
  socket.on('connect', () => {
    awaySaid = false;
    log.info(`Connected to CloudOptim at ${serverUrl}`);
    options.onConnected();
  });
  socket.on('disconnect', reason => void tryAgain(reason));
  socket.on('connect_error', error => {
    const code = (error as { data?: { code?: unknown } }).data?.code;
    const refusal = handshakeRefusals.find(one => one === code);
    if (refusal) ended.reject(new AgentStop(3, refusalSentence(refusal, serverUrl, error.message)));
    else void tryAgain(error.message);
  });
  socket.on('task', offered => {
    const parsed = agentTask.safeParse(offered);
    if (parsed.success) options.onTask(parsed.data);
    else if (typeof offered?.taskId === 'string' && typeof offered.epoch === 'number') {
      options.onUnreadableTask(offered.taskId, offered.epoch);
    }
  });
  socket.on('task.cancel', taskId => {
    if (typeof taskId === 'string') options.onCancel(taskId);
  });
  socket.on('resync', () => options.onResync());
  signal.addEventListener('abort', () => {
    socket.disconnect();
    ended.resolve();
  });

  const sender = async () => {
    while (!signal.aborted) {
      await outbox.waiting();
      if (!socket.connected) {
        await untilConnected(socket, signal);
        continue;
      }
      if (await sendBatch(socket, options)) attempt = 0;
      else await pause(backoffMs(1, 250, maxBackoffMs, random), signal);
    }
  };
  void sender().catch((error: unknown) => ended.reject(error));
  socket.connect();
  return {
    get connected() {
      return socket.connected;
    },
    ended: ended.promise,
  };
}

/** Sends the oldest messages; false when they were not acknowledged. */
async function sendBatch(socket: AgentSocket, options: ConnectionOptions): Promise<boolean> {
  const { outbox, log, identity } = options;
  try {
    const messages = await outbox.nextBatch(maxBatchMessages, maxBatchBytes);
    if (messages.length === 0) return true;
    const batch = { bootEpoch: identity.bootEpoch, messages };
    const answer = batchAnswer.parse(await socket.timeout(answerTimeoutMs).emitWithAck('messages', batch));
    const before = outbox.lastAckedSeq;
    outbox.acknowledge(answer.ackedSeq);
    if (answer.resync) options.onResync();
    return outbox.lastAckedSeq > before;
  } catch (error) {
    if (socket.connected)
      log.warn('Messages were not acknowledged; sending them again', { reason: errorText(error) });
    return false;
  }
}

function untilConnected(socket: AgentSocket, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      socket.off('connect', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    socket.on('connect', done);
    signal.addEventListener('abort', done);
  });
}

function handshakeOf(identity: Identity, lastAckedSeq: number, leaderEpoch: number | undefined): Handshake {
  const { agentId, key, clusterId, instanceId, bootEpoch } = identity;
  return {
    // What it says is of its own version alone: an older server could not read it.
    protocolMin: protocolVersion,
    protocolMax: protocolVersion,
    capabilities: taskAction.options.map(({ shape }) => shape.kind.value),
    agentVersion,
    agentId,
    key,
    clusterId,
    instanceId,
    bootEpoch,
    lastAckedSeq,
    ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
  };
}

function refusalSentence(code: (typeof handshakeRefusals)[number], serverUrl: string, said: string): string {
  const todo: Record<typeof code, string> = {
    unauthenticated: 'remove identity.json from the data folder and enrol again with a new join token',
    revoked: 'enrol again with a new join token if that was a mistake',
    superseded: 'another copy of this agent works; end this one for good unless they lead in turns',
    'protocol-too-old': 'update the agent',
    'protocol-too-new': 'update CloudOptim, or use an older agent',
    malformed: 'agent and server do not fit together, update the agent',
  };
  return `CloudOptim at ${serverUrl} turned this agent away (${code}): ${said.replace(/[.\s]+$/, '')}; ${todo[code]}.`;
}
