import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { AppError } from '../../../common/errors.ts';
import type { ResolvedContext } from './merge-kubeconfigs.ts';
import { type SignedIn, signIn } from './sign-in.ts';

/** What the API of a cluster answered, whatever the code. */
export interface ClusterAnswer {
  readonly code: number;
  /** Parsed JSON; `undefined` when it was none. */
  readonly body: unknown;
  /** Of the header `Retry-After`, where there was one. */
  readonly retryAfterMs: number | undefined;
}

/** A way to a cluster that can only read: there is no verb but GET. */
export interface ClusterLink {
  /** Host and port, for messages. */
  readonly host: string;
  /** @throws AppError `kubeconfig.unreachable` where there was no answer */
  get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ClusterAnswer>;
  /** Ends its connections; the credentials are then held by nobody. */
  close(): void;
}

const ANSWER_LIMIT_MS = 30_000;
/** A page of 500 pods takes about 5 MB. */
const MOST_BODY_BYTES = 128 * 1024 * 1024;

/** Opens the way to the cluster of a context. @throws AppError as `signIn` */
export async function openClusterLink(resolved: ResolvedContext, signal: AbortSignal): Promise<ClusterLink> {
  const access = await signIn(resolved, signal);
  const agents = new Set<{ destroy?(): void }>();
  return {
    host: access.server.host,
    async get(path, query, stop) {
      const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
      try {
        const response = await ask(access, path, query, AbortSignal.any([stop, limit]), agents);
        const retryAfter = Number(response.headers['retry-after'] ?? Number.NaN);
        return {
          code: response.statusCode ?? 0,
          body: parsed(await textOf(response)),
          retryAfterMs: retryAfter >= 0 ? retryAfter * 1000 : undefined,
        };
      } catch (cause) {
        if (stop.aborted || cause instanceof AppError) throw cause;
        throw unreachable(cause, access.server, resolved, limit.aborted);
      }
    },
    close: () => {
      for (const agent of agents) agent.destroy?.();
    },
  };
}

async function ask(
  access: SignedIn,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  agents: Set<object>,
): Promise<IncomingMessage> {
  const { server } = access;
  const url = new URL(server.pathname.replace(/\/$/, '') + path, server);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const { headers, agent, ...options } = await access.requestOptions();
  if (typeof agent === 'object') agents.add(agent);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const request = send(url, {
      ...options,
      ...(agent === undefined ? {} : { agent }),
      signal,
      method: 'GET',
      headers: { ...headers, accept: 'application/json', 'user-agent': 'cloudoptim' },
    });
    request.on('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) throw new Error('The answer is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet; is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it was made out for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody that is trusted has signed it',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody that is trusted has signed it',
  UNABLE_TO_GET_ISSUER_CERT: 'nobody that is trusted has signed it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'nobody that is trusted has signed it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody that is trusted has signed it',
  CERT_SIGNATURE_FAILURE: 'nobody that is trusted has signed it',
};

const NETWORK_FAULTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known here',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it cut the connection',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ETIMEDOUT: 'it does not answer',
};

/** Says by the code alone what went wrong: texts of errors may quote what was sent. */
function unreachable(cause: unknown, { host }: URL, { cluster }: ResolvedContext, isLate: boolean): AppError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const fault = CERTIFICATE_FAULTS[code];
  if (fault !== undefined) {
    return new AppError('kubeconfig.unreachable', `The certificate of ${host} is not trusted: ${fault}.`, {
      hint: `Check the certificate-authority of cluster "${cluster.name}" in ${cluster.file}; write that file anew if the cluster was made anew.`,
    });
  }
  const reason = isLate
    ? `it did not answer within ${ANSWER_LIMIT_MS / 1000} s`
    : (NETWORK_FAULTS[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`));
  return new AppError('kubeconfig.unreachable', `${host} cannot be reached: ${reason}.`);
}
