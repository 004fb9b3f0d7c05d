import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { CallInput, CallOutput, PeerVersions, Procedure } from '../../common/contracts/index.ts';
import { peerModelFilePath, syncVersionHeader } from '../../common/contracts/peers.ts';

import { AppError } from '../../common/errors.ts';
import { inSpan, traceHeaders } from '../platform/index.ts';
import { versionsText } from './agree-versions.ts';
import { answeredError, linkFailure, notAnEngine } from './link-failure.ts';

/** The way to another engine. Whatever goes wrong is an AppError with a sentence, or the reason of the abort. */
export interface PeerLink {
  call<P extends Procedure>(procedure: P, input: CallInput<P>, signal?: AbortSignal): Promise<CallOutput<P>>;
  /** The file of a model from a byte on. */
  download(sha256: string, fromByte: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

/** A call has to be answered in this time. */
const CALL_MS = 60_000;

/** The way over HTTP. Redirects are not followed: the key belongs to one origin. */
export function httpLink(origin: string, key: string | undefined, speaks: PeerVersions): PeerLink {
  const headers = {
    [syncVersionHeader]: versionsText(speaks),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  const send = async (path: string, options: RequestInit, signal: AbortSignal | undefined) => {
    const attributes = { 'server.address': new URL(origin).host };
    const response = await inSpan({ name: 'sync.request', kind: 'client', attributes }, () =>
      fetch(origin + path, {
        ...options,
        headers: { ...(options.headers as Record<string, string>), ...traceHeaders() },
        redirect: 'manual',
      }),
    ).catch((error: unknown) => {
      throw linkFailure(error, origin, signal);
    });
    const to = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && to !== null)
      throw new AppError('sync.address-wrong', `${origin} sends callers on to ${to.slice(0, 200)}.`, {
        hint: 'Connect to that address, if it is the one that you were told.',
      });
    return response;
  };
  return {
    call: async (procedure, input, signal) => {
      const { params, query, body } = input as Parts;
      const timeout = AbortSignal.timeout(CALL_MS);
      const response = await send(
        addressOf(procedure.path, params, query),
        {
          method: procedure.method,
          headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        },
        signal,
      );
      const text = await response.text().catch((error: unknown) => {
        throw linkFailure(error, origin, signal);
      });
      const answer = parsed(text);
      if (!response.ok) throw answeredError(response.status, answer, origin);
      const checked = procedure.response.safeParse(answer);
      if (!checked.success) throw notAnEngine(origin, response.status);
      return checked.data as never;
    },
    download: async (sha256, fromByte, signal) => {
      const path = addressOf(peerModelFilePath, { sha256 }, undefined);
      const response = await send(
        path,
        { headers: { ...headers, range: `bytes=${fromByte}-` }, signal },
        signal,
      );
      if (!response.ok) throw answeredError(response.status, parsed(await response.text()), origin);
      // Whoever ignores the range sends the beginning again.
      if (fromByte > 0 && response.status !== 206) throw notAnEngine(origin, response.status);
      const body = response.body as ReadableStream<Uint8Array> | null;
      return withSentences(body ? Readable.fromWeb(body) : Readable.from([]), origin, signal);
    },
  };
}

interface Parts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

async function* withSentences(
  stream: Readable,
  origin: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw linkFailure(error, origin, signal);
  }
}

function addressOf(path: string, params: Parts['params'], query: Parts['query']): string {
  const filled = path.replace(/:([A-Za-z0-9]+)/g, (_, name: string) =>
    encodeURIComponent(String(params?.[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
