import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const PROOF = 'x-cloudoptim-replica';
const ADDRESS = 'x-cloudoptim-client-address';
const PROTOCOL = 'x-cloudoptim-client-protocol';

/** What the replica saw of a client whose request it passes on. */
export interface ForwardedClient {
  readonly address: string;
  readonly protocol: string;
}

/**
 * How replicas know each other: by a secret that all are given. What passes it may say whose request it hands on, whose Host
 * and Origin it has checked already, and may ask what replicas ask; it gives no rights in the name of a person.
 */
export class ReplicaTrust {
  readonly #proof: string;
  /** The same for all replicas of one installation and for no other: in names of cookies and of keys of Redis. */
  readonly name: string;
  /** Browsers are signed in on all replicas, whatever their ports. */
  readonly cookieName: string;

  constructor(secret: string) {
    const derive = (purpose: string) => createHmac('sha256', secret).update(purpose).digest('hex');
    // Not the secret itself: what travels opens nothing but this.
    this.#proof = derive('replica request');
    this.name = derive('installation').slice(0, 16);
    this.cookieName = `cloudoptim_session_${this.name}`;
  }

  /** Whether a request comes from another replica; compared in constant time. */
  knows(request: IncomingMessage): boolean {
    const given = request.headers[PROOF];
    if (typeof given !== 'string' || given.length !== this.#proof.length) return false;
    return timingSafeEqual(Buffer.from(given), Buffer.from(this.#proof));
  }

  /** Whose request another replica passes on; `undefined` where it asks for itself. */
  clientOf(request: IncomingMessage): ForwardedClient | undefined {
    const { [ADDRESS]: address, [PROTOCOL]: protocol } = request.headers;
    return typeof address === 'string' && typeof protocol === 'string' ? { address, protocol } : undefined;
  }

  /** What a request to another replica carries. */
  headers(client?: ForwardedClient): Record<string, string> {
    return {
      [PROOF]: this.#proof,
      ...(client ? { [ADDRESS]: client.address, [PROTOCOL]: client.protocol } : {}),
    };
  }

  /** Headers of a client without those that are for replicas to set. */
  static strip(headers: IncomingHttpHeaders): IncomingHttpHeaders {
    const { [PROOF]: _, [ADDRESS]: __, [PROTOCOL]: ___, ...rest } = headers;
    return rest;
  }
}
