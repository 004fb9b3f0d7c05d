import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Server, ServerOptions } from 'socket.io';
import type { Logger } from '../log.ts';

/** Messages of replicas to each other; what is older than the last few hundred is caught up with by asking. */
const STREAM_LENGTH = 1_000;
const REFUSED_MS = 1_000;

type CreateAdapter = typeof import('@socket.io/redis-streams-adapter')['createAdapter'];

/** The line between replicas: Socket.IO's adapter over Redis. While Redis is away, replicas ask each other instead. */
export class RedisLine {
  readonly #redis: Redis;
  readonly #clients: Redis[];
  #isClosed = false;
  /** For the Socket.IO server of this replica. */
  readonly adapter: NonNullable<ServerOptions['adapter']>;

  /** @param name of the installation; others may use the same Redis */
  static async open(url: string, name: string, log: Logger): Promise<RedisLine> {
    // Only now: an engine that is alone does without.
    const [ioredis, { createAdapter }] = await Promise.all([
      import('ioredis'),
      import('@socket.io/redis-streams-adapter'),
    ]);
    const redis = new ioredis.Redis(url, {
      // Commands wait for Redis to come back: the reader of the stream would ask again and again at once.
      maxRetriesPerRequest: null,
      retryStrategy: tries => Math.min(tries * 200, 2_000),
      connectionName: 'cloudoptim',
    });
    return new RedisLine(redis, createAdapter, name, log);
  }

  private constructor(redis: Redis, createAdapter: CreateAdapter, name: string, log: Logger) {
    this.#redis = redis;
    this.#clients = [redis];
    let isAway = false;
    redis.on('error', ({ message }: Error) => {
      // The message alone: an error of a refused password has that with it.
      if (!isAway)
        log.error({ reason: message }, 'Redis is away; live pages of this replica lag by a second');
      isAway = true;
    });
    redis.on('ready', () => {
      if (isAway) log.warn('Redis is back');
      isAway = false;
    });
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = override => {
      const copy = duplicate(override);
      copy.on('error', () => undefined);
      const subscribe = copy.subscribe.bind(copy) as (...args: unknown[]) => Promise<unknown>;
      // Nobody waits for it, and it has to come about in the end, also after a password was refused.
      copy.subscribe = (async (...args: unknown[]) => {
        while (!this.#isClosed) {
          const isDone = await subscribe(...args).then(
            () => true,
            () => false,
          );
          if (isDone) return;
          await delay(REFUSED_MS);
        }
      }) as unknown as typeof copy.subscribe;
      const xread = copy.xread.bind(copy) as (...args: unknown[]) => Promise<unknown>;
      // The adapter asks again at once when it was refused, as for a missing right.
      copy.xread = ((...args: unknown[]) =>
        xread(...args).catch(async (error: unknown) => {
          await delay(REFUSED_MS);
          throw error;
        })) as typeof copy.xread;
      this.#clients.push(copy);
      return copy;
    };
    const publish = redis.publish.bind(redis) as (...args: unknown[]) => Promise<number>;
    // The adapter does not wait for it; one that is cut off at the end would be an error that nobody takes.
    redis.publish = ((...args: unknown[]) => publish(...args).catch(() => 0)) as typeof redis.publish;
    this.adapter = createAdapter(redis, {
      streamName: `cloudoptim:${name}`,
      channelPrefix: `cloudoptim:${name}`,
      maxLen: STREAM_LENGTH,
      onlyPlaintext: true,
    });
  }

  /** Whether messages go through at present. */
  get isUp(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Resolves when Redis has taken what was sent; while it is away, it waits. Never rejects. */
  async taken(): Promise<void> {
    await this.#redis.ping().catch(() => undefined);
  }

  /** Leaves the adapters of a Socket.IO server, then Redis. */
  close(sockets: Server): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const namespace of sockets._nsps.values()) void namespace.adapter.close();
    for (const client of this.#clients) client.disconnect();
  }
}
