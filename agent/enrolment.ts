import { z } from 'zod';
import { AgentStop } from './agent-stop.ts';
import { explainTrouble, type Trouble } from './connection/explain-trouble.ts';
import { callServer, type HttpAnswer } from './connection/http-call.ts';
import type { ServerAccess } from './connection/server-access.ts';
import type { Identity } from './identity-store.ts';
import type { Log } from './log.ts';
import { backoffMs, pause } from './pause.ts';
import { agentVersion } from './version.ts';

const answer = z.object({
  agentId: z.string().min(1),
  clusterId: z.string().min(1),
  clusterName: z.string(),
  key: z.string().min(1),
});
const failure = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
});

/** What enrolment needs. */
export interface EnrolmentOptions {
  readonly access: ServerAccess;
  readonly joinToken: string;
  readonly instanceId: string;
  readonly log: Log;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/**
 * Exchanges the join token for the agent's own key. An unreachable or failing server is tried again, up to every 10 s,
 * and said once; a refusal throws `AgentStop` with exit code 2 and the server's sentence, and so does what only another
 * setting can mend: a certificate that nobody vouches for, a proxy that refuses.
 */
export async function enrol(options: EnrolmentOptions): Promise<Identity> {
  const { access, signal } = options;
  let troubleSaid = false;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const outcome = await tryOnce(options);
    if ('identity' in outcome) return outcome.identity;
    const { reason, needsSetting } = outcome.trouble;
    if (needsSetting) {
      throw new AgentStop(2, `CloudOptim at ${access.serverUrl} cannot be reached for enrolment: ${reason}.`);
    }
    if (!troubleSaid) {
      options.log.warn(`CloudOptim at ${access.serverUrl} cannot be reached for enrolment; trying again`, {
        reason,
      });
      troubleSaid = true;
    }
    await pause(backoffMs(attempt, 500, 10_000, options.random), signal);
  }
  throw new AgentStop(2, 'The agent was stopped before it was enrolled.');
}

async function tryOnce(options: EnrolmentOptions): Promise<{ identity: Identity } | { trouble: Trouble }> {
  const { access, joinToken, instanceId } = options;
  const { serverUrl } = access;
  let answered: HttpAnswer;
  try {
    answered = await callServer(access, {
      method: 'POST',
      path: '/api/v1/client/enrol',
      body: { joinToken, agentVersion, instanceId },
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(15_000)]),
    });
  } catch (error) {
    return { trouble: explainTrouble(error) };
  }
  const { status, body } = answered;
  if (status >= 200 && status < 300) {
    const parsed = answer.safeParse(body);
    if (parsed.success) return { identity: { serverUrl, instanceId, bootEpoch: 0, ...parsed.data } };
    throw new AgentStop(2, `${serverUrl} answered the enrolment with something else; is it CloudOptim?`);
  }
  if (status >= 500 || status === 429) {
    return { trouble: { reason: `it answered ${status}`, needsSetting: false } };
  }
  throw new AgentStop(2, refusal(serverUrl, status, body));
}

function refusal(serverUrl: string, status: number, body: unknown): string {
  const parsed = failure.safeParse(body);
  if (!parsed.success) return `${serverUrl} answered the enrolment with ${status}; is it CloudOptim?`;
  const { code, message, hint } = parsed.data.error;
  const sentence = message.replace(/[.\s]+$/, '');
  return `CloudOptim refused the join token (${code}): ${sentence}${hint ? `; ${hint}` : '.'}`;
}
