import {
  type HandshakeRefusal,
  handshakeOfPoll,
  type PollAnswer,
  type PollQuery,
} from '../../common/agent-protocol/index.ts';
import { AppError, type ErrorCode } from '../../common/errors.ts';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import type { AgentIdentity } from '../platform/index.ts';
import type { AdmittedAgent } from './admit-agent.ts';
import type { AgentLink } from './agent-links.ts';
import type { Clusters } from './create-clusters.ts';

const refusalCodes: Readonly<Record<HandshakeRefusal, ErrorCode>> = {
  unauthenticated: 'access.unauthenticated',
  revoked: 'access.unauthenticated',
  superseded: 'resource.conflict',
  'protocol-too-old': 'resource.conflict',
  'protocol-too-new': 'resource.conflict',
  malformed: 'input.invalid',
};

/**
 * Serves one poll of an agent that holds no socket. It is admitted as a socket is, and while it is open it is the agent's
 * connection: it takes the place of another one, hears of tasks at once, and is cut by a revocation.
 * @param gone aborts when nobody waits for the answer any more
 * @throws AppError with `details.refusal` for a handshake that is refused, `resource.conflict` when it was cut
 */
export async function servePoll(
  clusters: Clusters,
  agent: AgentIdentity & { readonly key: string },
  query: PollQuery,
  gone: AbortSignal,
): Promise<PollAnswer> {
  const admission = await clusters.agents.admit(handshakeOfPoll(query, agent));
  if (!admission.ok) {
    const { refusal, message } = admission;
    throw new AppError(refusalCodes[refusal], message, { details: { refusal } });
  }
  if (query.waitSeconds > 0) {
    return waitForWork(clusters, admission.agent, query.waitSeconds * MS_PER_SECOND, gone);
  }
  return { ...(await clusters.agents.poll(agent)), resync: admission.agent.needsSnapshot };
}

function waitForWork(
  clusters: Clusters,
  agent: AdmittedAgent,
  waitMs: number,
  gone: AbortSignal,
): Promise<PollAnswer> {
  return new Promise((resolve, reject) => {
    const answer: PollAnswer = {
      tasks: [],
      cancel: [],
      resync: false,
    };
    const end = (): void => {
      clearTimeout(timer);
      gone.removeEventListener('abort', give);
      clusters.agents.detach(link);
    };
    const give = (): void => {
      end();
      resolve(answer);
    };
    // What is said in one go is answered together.
    const giveSoon = (): void => queueMicrotask(give);
    const timer = setTimeout(give, waitMs);
    const link: AgentLink = {
      agentId: agent.agentId,
      clusterId: agent.clusterId,
      bootEpoch: agent.bootEpoch,
      leaderEpoch: agent.leaderEpoch,
      isPoll: true,
      takesKeys: agent.takesKeys,
      offer: task => {
        answer.tasks.push(task);
        giveSoon();
      },
      cancel: taskId => {
        answer.cancel.push(taskId);
        giveSoon();
      },
      offerKey: async key => {
        answer.newKey = key;
        giveSoon();
        return false;
      },
      resync: () => {
        answer.resync = true;
        giveSoon();
      },
      cut: () => {
        end();
        reject(
          new AppError('resource.conflict', 'This poll was cut.', {
            hint: 'Poll again: the answer says whether another connection took its place or the key was revoked.',
          }),
        );
      },
    };
    gone.addEventListener('abort', give);
    if (gone.aborted) give();
    else clusters.agents.attach(link);
  });
}
