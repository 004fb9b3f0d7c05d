import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PretendCluster } from '../cluster/index.ts';
import type { Caller, PolicyRule } from './access.ts';
import { ADMIN_RULES, READER_RULES, requireAllowed, unauthorized } from './access.ts';
import { answerRequest } from './answer-request.ts';
import type { ApiRequest } from './api-request.ts';
import { isWatch, kindOfPath, parseRequestPath, verbOf } from './api-request.ts';
import { discoveryAt } from './api-resources.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { listenOnLoopback } from './listen-on-loopback.ts';
import { KUBERNETES_PROTOBUF, readProtobufReview } from './review-protobuf.ts';
import { createSelfSignedCertificate } from './self-signed-certificate.ts';
import { badRequest, failure, StatusAnswer, unknownPath } from './status.ts';
import { tableChoice } from './tables.ts';
import { watchObjects } from './watch-objects.ts';

/** The time of day in ms since 1970 UTC. */
type Clock = () => number;

/** What the API server serves, and to whom. */
export interface KubernetesApiOptions {
  readonly cluster: PretendCluster;
  /** For ages and metrics; objects carry the time of the cluster's ticks. */
  readonly clock: Clock;
  /** The bearer token that may do everything. */
  readonly token: string;
  /** A bearer token that may only get, list and watch; anything else is 403. */
  readonly readOnlyToken?: string;
  /** A service account that may do what the rules bound to it allow, and nothing else. */
  readonly serviceAccount?: {
    readonly token: string;
    /** `system:serviceaccount:NAMESPACE:NAME`. */
    readonly user: string;
    readonly rules: readonly PolicyRule[];
  };
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** How often a watch that allows bookmarks gets one, in ms. */
  readonly bookmarkMs?: number;
}

/** One request that was answered, for tests and for the curious. */
interface AnsweredRequest {
  readonly method: string;
  readonly url: string;
  readonly user: string | undefined;
  readonly code: number;
}

/** A running API server. */
export interface KubernetesApi {
  /** `http://127.0.0.1:PORT`; the same port answers HTTPS, which the kubeconfig names. */
  readonly url: string;
  /** The newest 10,000 requests, oldest first. A watch appears when it begins. */
  readonly requests: readonly AnsweredRequest[];
  /** A kubeconfig for kubectl and @kubernetes/client-node; with another token than the one that may do everything when asked. */
  kubeconfig(access?: 'full' | 'read-only' | 'service-account'): string;
  /** Ends all watches, as an API server that restarts does; clients come back. */
  dropWatches(): void;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 3 * 2 ** 20;
const MAX_REQUESTS = 10_000;

/** Serves the cluster on 127.0.0.1. Rejects when the port is taken. */
export async function startKubernetesApi(options: KubernetesApiOptions): Promise<KubernetesApi> {
  const requests: AnsweredRequest[] = [];
  const watches = new Set<() => void>();

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = incoming.method ?? 'GET';
    const target = incoming.url ?? '/';
    let user: string | undefined;
    const note = (code: number): void => {
      requests.push({ method, url: target, user, code });
      if (requests.length > MAX_REQUESTS) requests.shift();
    };
    try {
      const url = new URL(target, 'http://pretend');
      const caller = identify(incoming.headers.authorization, options);
      user = caller.user;
      if (isHealth(url.pathname)) return sendText(response, note, 'ok');
      const discovery = discoveryAt(url.pathname);
      if (discovery) return send(response, note, 200, discovery);
      const path = parseRequestPath(url.pathname);
      if (!path) throw unknownPath();
      const request: ApiRequest = {
        method,
        path,
        query: url.searchParams,
        accept: incoming.headers.accept ?? '',
        contentType: incoming.headers['content-type'] ?? '',
        body: await readBody(incoming),
      };
      requireAllowed(caller, verbOf(request), path);
      const kind = kindOfPath(path);
      if (method === 'GET' && kind && isWatch(request.query)) {
        note(200);
        const stop = watchObjects(options.cluster.store, kind, request, {
          response,
          bookmarkMs: options.bookmarkMs ?? 15_000,
          table: tableChoice(request.accept, request.query),
          nowMs: options.clock,
        });
        watches.add(stop);
        response.on('close', () => watches.delete(stop));
        return;
      }
      const { code, body } = answerRequest(options.cluster, caller, request, options.clock());
      send(response, note, code, body);
    } catch (error) {
      sendError(response, note, error);
    }
  };

  const tls = createSelfSignedCertificate(options.clock());
  const server = await listenOnLoopback(options.port ?? 0, tls, (incoming, response) => {
    void answer(incoming, response);
  });
  const authority = `127.0.0.1:${server.port}`;
  const dropWatches = (): void => {
    for (const stop of watches) stop();
    watches.clear();
  };

  return {
    url: `http://${authority}`,
    requests,
    kubeconfig: (access = 'full') =>
      kubeconfigText({
        url: `https://${authority}`,
        certificateAuthority: tls.certificate,
        token: tokenOf(access, options),
      }),
    dropWatches,
    close: async () => {
      dropWatches();
      await server.close();
    },
  };
}

function tokenOf(
  access: 'full' | 'read-only' | 'service-account',
  { token, readOnlyToken = '', serviceAccount }: KubernetesApiOptions,
): string {
  if (access === 'full') return token;
  return access === 'read-only' ? readOnlyToken : (serviceAccount?.token ?? '');
}

function identify(authorization: string | undefined, options: KubernetesApiOptions): Caller {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (token !== undefined) {
    const { readOnlyToken, serviceAccount } = options;
    if (sameSecret(token, options.token)) return { user: 'pretend-admin', rules: ADMIN_RULES };
    if (readOnlyToken !== undefined && sameSecret(token, readOnlyToken)) {
      return { user: 'system:serviceaccount:cloudoptim:reader', rules: READER_RULES };
    }
    if (serviceAccount && sameSecret(token, serviceAccount.token)) return serviceAccount;
  }
  throw unauthorized();
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function isHealth(path: string): boolean {
  return path === '/healthz' || path === '/livez' || path === '/readyz';
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      const message = `Request entity too large: limit is ${MAX_BODY_BYTES}`;
      throw new StatusAnswer(413, failure(413, 'RequestEntityTooLarge', message));
    }
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  if (incoming.headers['content-type']?.startsWith(KUBERNETES_PROTOBUF)) {
    const review = readProtobufReview(Buffer.concat(chunks));
    if (review) return review;
    const message =
      'the body of the request was in an unknown format - accepted media types include: application/json';
    throw new StatusAnswer(415, failure(415, 'UnsupportedMediaType', message));
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw badRequest(
      `the request body is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function send(
  response: ServerResponse,
  note: (code: number) => void,
  code: number,
  body: object,
  headers = {},
): void {
  note(code);
  const text = JSON.stringify(body);
  response.writeHead(code, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache, private',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function sendText(response: ServerResponse, note: (code: number) => void, text: string): void {
  note(200);
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(text);
}

function sendError(response: ServerResponse, note: (code: number) => void, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof StatusAnswer) {
    send(response, note, error.code, error.body, error.headers);
    return;
  }
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  send(response, note, 500, failure(500, 'InternalError', `Internal error occurred: ${reason}`));
}
