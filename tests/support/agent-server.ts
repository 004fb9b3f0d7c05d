import { createServer, type IncomingMessage } from 'node:http';
import { Server, type Socket } from 'socket.io';
import {
  type AgentMessage,
  type AgentTask,
  agentMessageBatch,
  type Handshake,
  handshake,
  type TaskResult,
} from '../../common/agent-protocol/index.ts';

/** The server's side of the agent protocol and nothing more, with its answers in the hands of a test. */
export interface AgentServer {
  readonly url: string;
  /** Every handshake that came, oldest first. */
  readonly handshakes: readonly Handshake[];
  /** Messages as they came, each once for each boot. */
  readonly messages: readonly AgentMessage[];
  /** Offers a task to whoever is connected, and again at each connection until its end is known. */
  offer(task: AgentTask): void;
  cancel(taskId: string): void;
  /** Does not offer a task any more. */
  forget(taskId: string): void;
  /** The result that ended a task; rejects after `withinMs`. */
  end(taskId: string, withinMs?: number): Promise<TaskResult>;
  results(taskId: string): TaskResult[];
  until<T>(look: () => T | undefined, what: string, withinMs?: number): Promise<T>;
  cut(): void;
  close(): Promise<void>;
}

/** What the test decides. */
export interface AgentServerOptions {
  readonly enrolment?: { readonly status: number; readonly body: object };
  readonly refuse?: () => string | undefined;
}

/** Each enrolment gives another agent of the same cluster, as replicas are. */
const enrolled = (agentId: string) => ({
  agentId,
  clusterId: 'cluster-1',
  clusterName: 'shop',
  key: `the-key-of-${agentId}`,
});

/** Listens on 127.0.0.1; takes a leader that is not older than those before. Every batch is checked against the protocol's schema before it is acknowledged. */
export async function startAgentServer(options: AgentServerOptions = {}): Promise<AgentServer> {
  let agents = 0;
  const http = createServer((request: IncomingMessage, response) => {
    request.resume();
    agents++;
    const { status, body } = options.enrolment ?? { status: 200, body: enrolled(`agent-${agents}`) };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  const io = new Server(http, { maxHttpBufferSize: 32 * 1024 * 1024 });
  const handshakes: Handshake[] = [];
  const messages: AgentMessage[] = [];
  const open = new Map<string, AgentTask>();
  const acked = new Map<string, number>();
  let leaderEpoch = 0;
  const sockets = new Set<Socket>();

  const namespace = io.of('/agent');
  namespace.use((socket, next) => {
    const hello = handshake.parse(socket.handshake.auth);
    const epoch = hello.leaderEpoch ?? 0;
    const code = options.refuse?.() ?? (epoch < leaderEpoch ? 'superseded' : undefined);
    if (code) next(Object.assign(new Error(`This agent is ${code}.`), { data: { code } }));
    else {
      leaderEpoch = epoch;
      handshakes.push(hello);
      next();
    }
  });
  namespace.on('connection', socket => {
    const { agentId } = handshake.parse(socket.handshake.auth);
    sockets.add(socket);
    socket.on('disconnect', () => sockets.delete(socket));
    for (const task of open.values()) socket.emit('task', task);
    socket.on('messages', (sent: unknown, answer: (result: object) => void) => {
      const batch = agentMessageBatch.parse(sent);
      const start = `${agentId} ${batch.bootEpoch}`;
      let ackedSeq = acked.get(start) ?? 0;
      for (const message of batch.messages) {
        if (message.seq <= ackedSeq) continue;
        ackedSeq = message.seq;
        messages.push(message);
        const { body } = message;
        if (body.kind === 'task.result' && body.result.state !== 'running') open.delete(body.result.taskId);
      }
      acked.set(start, ackedSeq);
      answer({ ackedSeq, resync: false });
    });
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const results = (taskId: string) =>
    messages.flatMap(({ body }) =>
      body.kind === 'task.result' && body.result.taskId === taskId ? [body.result] : [],
    );
  async function until<T>(look: () => T | undefined, what: string, withinMs = 60_000): Promise<T> {
    const before = Date.now() + withinMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (Date.now() > before) throw new Error(`${what} did not come within ${withinMs} ms`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
  return {
    url: `http://127.0.0.1:${port}`,
    handshakes,
    messages,
    results,
    until,
    offer(task) {
      open.set(task.taskId, task);
      for (const socket of sockets) socket.emit('task', task);
    },
    cancel(taskId) {
      for (const socket of sockets) socket.emit('task.cancel', taskId);
    },
    forget: taskId => void open.delete(taskId),
    end: (taskId, withinMs) =>
      until(
        () => results(taskId).find(result => result.state !== 'running'),
        `The end of ${taskId}`,
        withinMs,
      ),
    cut() {
      for (const socket of sockets) socket.disconnect(true);
    },
    close: () => io.close(),
  };
}
