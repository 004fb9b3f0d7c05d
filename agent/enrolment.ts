import { z } from 'zod';
import { AgentStop } from './agent-stop.ts';
import type { Identity } from './identity-store.ts';
import { errorText, type Log } from './log.ts';
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
  readonly serverUrl: string;
  readonly joinToken: string;
  readonly instanceId: string;
  readonly log: Log;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/**
 * Exchanges the join token for the agent's own key. An unreachable or failing server is tried again, up to every 10 s,
 * and said once; a refusal throws `AgentStop` with exit code 2 and the server's sentence.
 */
export async function enrol(options: EnrolmentOptions): Promise<Identity> {
  let troubleSaid = false;
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    const outcome = await tryOnce(options);
    if ('identity' in outcome) return outcome.identity;
    if (!troubleSaid) {
      options.log.warn(`CloudOptim at ${options.serverUrl} cannot be reached for enrolment; trying again`, {
        reason: outcome.trouble,
      });
      troubleSaid = true;
    }
    await pause(backoffMs(attempt, 500, 10_000, options.random), options.signal);
  }
  throw new AgentStop(2, 'The agent was stopped before it was enrolled.');
}

async function tryOnce(options: EnrolmentOptions): Promise<{ identity: Identity } | { trouble: string }> {
  const { serverUrl, joinToken, instanceId } = options;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${serverUrl}/api/v1/client/enrol`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ joinToken, agentVersion, instanceId }),
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(15_000)]),
    });
    text = await response.text();
  } catch (error) {
    return { trouble: errorText((error as { cause?: unknown }).cause ?? error) };
  }
  if (response.ok) {
    const parsed = answer.safeParse(parseJson(text));
    if (parsed.success) return { identity: { serverUrl, instanceId, bootEpoch: 0, ...parsed.data } };
    throw new AgentStop(2, `${serverUrl} answered the enrolment with something else; is it CloudOptim?`);
  }
  if (response.status >= 500 || response.status === 429) return { trouble: `it answered ${response.status}` };
  throw new AgentStop(2, refusal(serverUrl, response.status, parseJson(text)));
}

function refusal(serverUrl: string, status: number, body: unknown): string {
  const parsed = failure.safeParse(body);
  if (!parsed.success) return `${serverUrl} answered the enrolment with ${status}; is it CloudOptim?`;
  const { code, message, hint } = parsed.data.error;
  const sentence = message.replace(/[.\s]+$/, '');
  return `CloudOptim refused the join token (${code}): ${sentence}${hint ? `; ${hint}` : '.'}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
