import { io, type Socket } from 'socket.io-client';
import {
  type AgentToServer,
  batchAnswer,
  handshakeRefusals,
  keyOffer,
  type ServerToAgent,
} from '../../common/agent-protocol/index.ts';
import { explainTrouble } from './explain-trouble.ts';
import { readTask } from './read-task.ts';
import type { Dialled, DialOptions } from './server-link.ts';

const answerTimeoutMs = 10_000;
/** Socket.IO has a limit for the connection, none for joining a namespace: its answer can be lost. */
const usualPatienceMs = 30_000;

/** Opens the namespace `/agent` of the server over WebSocket. */
export function dialWebSocket({
  access,
  hello,
  events,
  signal,
  patienceMs = usualPatienceMs,
}: DialOptions): Promise<Dialled> {
  const url = new URL(access.serverUrl);
  const socket: Socket<ServerToAgent, AgentToServer> = io(`${url.origin}/agent`, {
    transports: ['websocket'],
    path: `${url.pathname.replace(/\/$/, '')}/socket.io`,
    // Ours: Socket.IO gives up after the server ended a connection or a middleware refused it.
    reconnection: false,
    autoConnect: false,
    forceNew: true,
    // In Node it goes to the WebSocket library as it is; the types are those of browsers.
    agent: access.agent as never,
    auth: answer => answer(hello()),
  });
  const ended = new AbortController();
  const close = () => {
    socket.disconnect();
    ended.abort('closed');
  };
  signal.addEventListener('abort', close);
  ended.signal.addEventListener('abort', () => signal.removeEventListener('abort', close));
  socket.on('disconnect', reason => ended.abort(reason));
  socket.on('task', offered => readTask(offered, events));
  socket.on('task.cancel', taskId => {
    if (typeof taskId === 'string') events.onCancel(taskId);
  });
  socket.on('resync', () => events.onResync());
  socket.on('key.offer', (offer, stored) => {
    const parsed = keyOffer.safeParse(offer);
    if (parsed.success && events.onKey(parsed.data.key)) stored();
  });

  return new Promise(resolve => {
    const late = setTimeout(() => {
      resolve({ trouble: { reason: `no answer within ${patienceMs / 1000} s`, needsSetting: false } });
      close();
    }, patienceMs);
    ended.signal.addEventListener('abort', () => clearTimeout(late));
    ended.signal.addEventListener('abort', () =>
      resolve({ trouble: { reason: String(ended.signal.reason), needsSetting: false } }),
    );
    socket.on('connect_error', error => {
      const code = (error as { data?: { code?: unknown } }).data?.code;
      const refusal = handshakeRefusals.find(one => one === code);
      resolve(refusal ? { refusal, message: error.message } : { trouble: explainTrouble(error) });
      close();
    });
    socket.on('connect', () => {
      clearTimeout(late);
      resolve({
        link: {
          transport: 'websocket',
          send: async batch =>
            batchAnswer.parse(await socket.timeout(answerTimeoutMs).emitWithAck('messages', batch)),
          ended: ended.signal,
          close,
        },
      });
    });
    socket.connect();
  });
}
