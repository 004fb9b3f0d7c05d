import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Redis for tests of replicas; `null` where there is none. */
    redisUrl: string | null;
  }
}

/** As the project of the running test says. */
export const redisUrl = inject('redisUrl');
