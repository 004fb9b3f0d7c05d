import type { Namespace } from 'socket.io';
import {
  type AgentToServer,
  type HandshakeRefusal,
  readMessageBatch,
  type ServerToAgent,
} from '../../common/agent-protocol/index.ts';
import { AppError } from '../../common/errors.ts';
import type { AdmittedAgent } from './admit-agent.ts';
import type { AgentLink } from './agent-links.ts';
import type { Clusters } from './create-clusters.ts';

type AgentNamespace = Namespace<
  AgentToServer,
  ServerToAgent,
  Record<string, never>,
  { agent?: AdmittedAgent }
>;

/** An agent that has not stored a key within this time is offered another one later. */
const KEY_STORED_MS = 10_000;

/**
 * Serves agents on a Socket.IO namespace. A refused handshake is a connect error whose `data.code` is one of
 * `handshakeRefusals`; a batch that cannot be read or is refused ends the connection without acknowledgement.
 */
export function serveAgents(namespace: Namespace, clusters: Clusters): void {
  const agents = namespace as unknown as AgentNamespace;

  agents.use((socket, next) => {
    clusters.agents
      .admit(socket.handshake.auth)
      .then(admission => {
        if (!admission.ok) return next(refusal(admission.refusal, admission.message));
        socket.data.agent = admission.agent;
        next();
      })
      .catch(() => next(new Error('The server cannot take this agent now.')));
  });

  agents.on('connection', socket => {
    const { agent } = socket.data;
    if (!agent) {
      socket.disconnect(true);
      return;
    }
    const link: AgentLink = {
      agentId: agent.agentId,
      clusterId: agent.clusterId,
      bootEpoch: agent.bootEpoch,
      isPoll: false,
      takesKeys: agent.takesKeys,
      leaderEpoch: agent.leaderEpoch,
      offer: task => void socket.emit('task', task),
      cancel: taskId => void socket.emit('task.cancel', taskId),
      resync: () => void socket.emit('resync'),
      offerKey: key =>
        socket
          .timeout(KEY_STORED_MS)
          .emitWithAck('key.offer', { key })
          .then(
            () => true,
            () => false,
          ),
      cut: () => void socket.disconnect(true),
    };
    if (!clusters.agents.attach(link)) return;
    if (agent.needsSnapshot) link.resync();
    // Pongs too: a quiet agent is alive as long as its connection is.
    socket.conn.on('packet', () => clusters.agents.seen(agent.clusterId));
    socket.on('messages', (batch, answer) => {
      const read = readMessageBatch(batch);
      if (!read || typeof answer !== 'function') {
        socket.disconnect(true);
        return;
      }
      clusters.agents.receive(agent, read).then(answer, (error: unknown) => {
        if (!(error instanceof AppError)) clusters.agents.reportFault(agent.clusterId, error);
        socket.disconnect(true);
      });
    });
    socket.on('disconnect', () => clusters.agents.detach(link));
  });
}

function refusal(code: HandshakeRefusal, message: string): Error {
  return Object.assign(new Error(message), { data: { code } });
}
