import { Redis } from 'ioredis';

/** A Redis that tests may use, under keys of their own; or why there is none. */
export type FoundRedis =
  | { readonly url: string; readonly version: string }
  | { readonly url: null; readonly reason: string };

/**
 * The Redis of `REDIS_URL`, else the one on this machine.
 * @throws when there is none and `CI_REQUIRE_REDIS` is set
 */
export async function findRedis(environment: NodeJS.ProcessEnv = process.env): Promise<FoundRedis> {
  const { REDIS_URL: url = 'redis://127.0.0.1:6379', CI_REQUIRE_REDIS: required = '' } = environment;
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5_000 });
  let problem = '';
  redis.on('error', (error: NodeJS.ErrnoException) => {
    problem = error.message || (error.code ?? 'it does not answer');
  });
  try {
    await redis.connect();
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '';
    return { url, version };
  } catch (error) {
    const reason = problem || String(error);
    if (required !== '') throw new Error(`CI_REQUIRE_REDIS is set, but no Redis can be used: ${reason}`);
    return { url: null, reason };
  } finally {
    redis.disconnect();
  }
}
