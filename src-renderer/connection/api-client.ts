import type { CallInput, CallOutput, Procedure } from '../../common/contracts/index.ts';
import { errorOfAnswer, unreachable } from './api-error.ts';
import { apiPath } from './api-path.ts';

/** The way to the engine: its base URL, and a bearer token where the session cookie is not used. */
export interface Address {
  readonly baseUrl: string;
  readonly token: string | undefined;
}

/** Calls of the API, typed by their contracts. */
export interface ApiClient {
  readonly address: Address;
  /** Calls a procedure. @throws ApiError with the server's message and hint, or `client.unreachable`. */
  call<P extends Procedure>(procedure: P, input: CallInput<P>, signal?: AbortSignal): Promise<CallOutput<P>>;
}

interface AnyInput {
  readonly params?: Record<string, unknown>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
}

/** A client for one address. `onSignedOut` is called when the server no longer knows who we are. */
export function createApiClient(address: Address, onSignedOut: () => void): ApiClient {
  return {
    address,
    call: async (procedure, input, signal) => {
      const { params, query, body } = input as AnyInput;
      const answer = await send(address, procedure, apiPath(procedure.path, params, query), body, signal);
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text);
      const error = errorOfAnswer(answer.status, text);
      if (error.code === 'access.unauthenticated') onSignedOut();
      throw error;
    },
  };
}

/** Headers that say who calls; none where the cookie does. */
export function authorization(address: Address): Record<string, string> {
  return address.token === undefined ? {} : { authorization: `Bearer ${address.token}` };
}

async function send(
  address: Address,
  procedure: Procedure,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const hasBody = procedure.body !== undefined;
  try {
    return await fetch(address.baseUrl + path, {
      method: procedure.method,
      headers: { ...authorization(address), ...(hasBody ? { 'content-type': 'application/json' } : {}) },
      credentials: address.token === undefined ? 'same-origin' : 'omit',
      ...(hasBody ? { body: JSON.stringify(body ?? {}) } : {}),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw unreachable();
  }
}
