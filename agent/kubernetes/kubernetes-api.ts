import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { StringDecoder } from 'node:string_decoder';
import type { ApiStatus } from '../../common/kubernetes/index.ts';
import { agentVersion } from '../version.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { ListReader } from './list-reader.ts';

/** One request to the Kubernetes API. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the server: `/api/v1/nodes/n1`. Names inside must be encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** What the API answered, whatever the code. `body` is parsed JSON, `undefined` when it was none. */
export interface ApiAnswer {
  readonly code: number;
  readonly body: unknown;
  /** Of the header `Retry-After`, where there was one. */
  readonly retryAfterSeconds: number | undefined;
}

/** The Kubernetes API over HTTP; rejects only when there was no answer. */
export interface KubernetesApi {
  call(call: ApiCall): Promise<ApiAnswer>;
  /** Reads a list and hands its items over one by one as they come in; `body` of the answer is without them. */
  list(
    call: Omit<ApiCall, 'method' | 'body' | 'contentType'>,
    onItem: (item: unknown) => void,
  ): Promise<ApiAnswer>;
  /**
   * Reads a watch line by line until it ends, `signal` aborts, or nothing came for `silentMs`.
   * `onLine` gets parsed JSON. Resolves with the code of the answer; lines come only with 200.
   */
  watch(
    call: Pick<ApiCall, 'path' | 'query'>,
    options: {
      readonly signal: AbortSignal;
      readonly silentMs: number;
      readonly onLine: (line: unknown) => void;
    },
  ): Promise<number>;
}

const answerTimeoutMs = 30_000;

/**
 * A client of node:http alone: the generated client costs 90 MB before its first request.
 * @param mayChange asked at the last moment before each request that could change something; it rejects when `false`
 */
export function createKubernetesApi(access: ClusterAccess, mayChange = () => true): KubernetesApi {
  async function open(call: ApiCall, timeoutMs: number): Promise<IncomingMessage> {
    const { server } = access;
    const url = new URL(server.pathname.replace(/\/$/, '') + call.path, server);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const { headers, ...options } = await access.requestOptions();
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    if (call.method !== 'GET' && !mayChange()) throw new Error('This replica does not lead any more.');
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const request = send(url, {
        ...options,
        method: call.method,
        timeout: timeoutMs,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
        headers: {
          ...(headers as Record<string, string> | undefined),
          accept: 'application/json',
          'user-agent': `cloudoptim-agent/${agentVersion}`,
          ...(body === undefined
            ? {}
            : { 'content-type': call.contentType ?? 'application/json', 'content-length': body.length }),
        },
      });
      request.on('response', resolve);
      request.on('timeout', () =>
        request.destroy(new Error(`The Kubernetes API was silent for ${timeoutMs / 1000} s.`)),
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  return {
    async call(call) {
      const response = await open(call, answerTimeoutMs);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return answerOf(response, parseJson(Buffer.concat(chunks).toString('utf8')));
    },
    async list(call, onItem) {
      const response = await open({ ...call, method: 'GET' }, answerTimeoutMs);
      const reader = new ListReader(onItem);
      for await (const chunk of response) reader.take(chunk as Buffer);
      return answerOf(response, reader.end());
    },
    async watch(call, { signal, silentMs, onLine }) {
      const response = await open({ ...call, method: 'GET', signal }, silentMs);
      const code = response.statusCode ?? 0;
      if (code !== 200) {
        response.resume();
        return code;
      }
      const decoder = new StringDecoder('utf8');
      let rest = '';
      for await (const chunk of response) {
        const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') onLine(parseJson(line));
      }
      return code;
    },
  };
}

/** The sentence of a `Status` answer, or the bare code. */
export function statusMessage(answer: ApiAnswer): string {
  const message = (answer.body as ApiStatus | undefined)?.message;
  return typeof message === 'string' && message !== ''
    ? message
    : `the Kubernetes API answered ${answer.code}`;
}

function answerOf({ headers, statusCode }: IncomingMessage, body: unknown): ApiAnswer {
  const retryAfter = Number(headers['retry-after']);
  return {
    code: statusCode ?? 0,
    body,
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter : undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
