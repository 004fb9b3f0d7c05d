import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import { AppError } from '../../../common/errors.ts';
import type { Leader, LeaderWatch } from './leader-watch.ts';
import type { ReplicaTrust } from './replica-trust.ts';

const ANSWER_MS = 10_000;
const REPLACED_MS = 5_000;
const MOST_ANSWER_BYTES = 256 * 1024 ** 2;

/** How the certificate of a leader is checked. */
export interface LeaderTls {
  /** Its name is that of the server for browsers where the leader is reached by an address. */
  readonly publicUrl?: string | undefined;
  /** Replicas have one certificate, which need not come from a public authority. */
  readonly tlsCert?: string | undefined;
}

/** The way from a replica that follows to the one that leads, whoever that is. */
export class LeaderLink {
  readonly #watch: LeaderWatch;
  readonly #tls: LeaderTls;
  readonly #stopWatching: () => void;
  readonly trust: ReplicaTrust;
  /** Connections that are kept; cut when another one leads, so that nothing waits for a leader that stands still. */
  readonly agents: { 'http:': http.Agent; 'https:': https.Agent };

  constructor(watch: LeaderWatch, trust: ReplicaTrust, tls: LeaderTls) {
    this.#watch = watch;
    this.#tls = tls;
    this.trust = trust;
    this.agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': this.#secureAgent() };
    this.#stopWatching = watch.onChange(() => {
      this.agents['http:'].destroy();
      this.agents['https:'].destroy();
      this.agents['https:'] = this.#secureAgent();
    });
  }

  /** @throws AppError `replica.no-leader` when there is none for long */
  leader(waitMs?: number): Promise<Leader> {
    return this.#watch.demand(waitMs);
  }

  /** Resolves when another one leads, or none; after five seconds anyway, for it may have been a connection alone. */
  async replaced({ epoch }: Leader): Promise<void> {
    const deadline = performance.now() + REPLACED_MS;
    while (this.#watch.leader?.epoch === epoch && performance.now() < deadline) await delay(100);
  }

  /** Hears of each other leader, also of none. */
  onChange(listener: (leader: Leader | undefined) => void): () => void {
    return this.#watch.onChange(() => listener(this.#watch.leader));
  }

  agentFor({ url }: Leader): http.Agent {
    return url.startsWith('https:') ? this.agents['https:'] : this.agents['http:'];
  }

  /**
   * Asks the leader something as a replica, in JSON.
   * @throws AppError `replica.no-leader`, `replica.answer-lost`
   */
  async ask(method: 'GET' | 'POST', path: string, body?: unknown, waitMs?: number): Promise<unknown> {
    const leader = await this.leader(waitMs);
    const text = body === undefined ? '' : JSON.stringify(body);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const send = leader.url.startsWith('https:') ? https.request : http.request;
    const request = send(new URL(path, leader.url), {
      method,
      agent: this.agentFor(leader),
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: {
        ...this.trust.headers(),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    });
    request.once('error', reject);
    request.once('response', answer => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_ANSWER_BYTES) answer.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      answer.once('error', reject);
      answer.once('end', () => {
        if (answer.statusCode !== 200) reject(new Error(`status ${answer.statusCode}`));
        else resolve(JSON.parse(Buffer.concat(chunks).toString()));
      });
    });
    request.end(text);
    return promise.catch((cause: unknown) => {
      throw answerLost(leader, cause);
    });
  }

  close(): void {
    this.#stopWatching();
    this.agents['http:'].destroy();
    this.agents['https:'].destroy();
  }

  #secureAgent(): https.Agent {
    const { publicUrl, tlsCert } = this.#tls;
    const host = this.#watch.leader ? new URL(this.#watch.leader.url).hostname : '';
    const isAddress = isIP(host.replace(/^\[|\]$/g, '')) !== 0;
    const name = !isAddress || publicUrl === undefined ? host : new URL(publicUrl).hostname;
    return new https.Agent({
      keepAlive: true,
      // Not what the Host of a passed request says. An address is no name for TLS.
      servername: isIP(name) === 0 ? name : '',
      ...(tlsCert === undefined
        ? {}
        : {
            ca: [...getCACertificates('default'), readFileSync(tlsCert, 'utf8')],
            allowPartialTrustChain: true,
          }),
    });
  }
}

/** A leader that went away before it answered. */
export function answerLost(leader: Leader, cause: unknown): AppError {
  return new AppError(
    'replica.answer-lost',
    `The leading replica ${leader.url} went away before it answered.`,
    {
      cause,
    },
  );
}

/** A leader that could not be reached. */
export function notReached(leader: Leader, cause: unknown): AppError {
  return new AppError('replica.no-leader', `The leading replica ${leader.url} cannot be reached.`, { cause });
}
