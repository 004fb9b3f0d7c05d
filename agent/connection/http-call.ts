import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ServerAccess } from './server-access.ts';

/** One call to the server; `body` goes as JSON. */
export interface HttpCall {
  readonly method: 'GET' | 'POST';
  /** Below the server's address, with a slash before it. */
  readonly path: string;
  readonly key?: string;
  readonly body?: object;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
}

const maxAnswerBytes = 16 * 1024 * 1024;

/** Calls the server. Every call of the agent may be said twice, so one that fell on a connection that had just ended is. */
export async function callServer(access: ServerAccess, call: HttpCall): Promise<HttpAnswer> {
  try {
    return await callOnce(access, call);
  } catch (error) {
    if (!(error instanceof StaleConnection) || call.signal.aborted) throw error;
    return callOnce(access, call);
  }
}

class StaleConnection extends Error {}

async function callOnce(access: ServerAccess, call: HttpCall): Promise<HttpAnswer> {
  const content = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
  const url = new URL(access.serverUrl + call.path);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send(url, {
      method: call.method,
      agent: access.agent,
      signal: call.signal,
      headers: {
        accept: 'application/json',
        ...(call.key === undefined ? {} : { authorization: `Bearer ${call.key}` }),
        ...(content ? { 'content-type': 'application/json', 'content-length': content.length } : {}),
      },
    });
    request.on('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        request.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection(error.message) : error,
      ),
    );
    request.end(content);
  });
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response) {
    bytes += part.length;
    if (bytes > maxAnswerBytes) throw new Error(`The answer of ${access.serverUrl} is larger than 16 MiB.`);
    parts.push(part);
  }
  return { status: response.statusCode ?? 0, body: parseJson(Buffer.concat(parts).toString('utf8')) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
