import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { findPostgres } from './server/platform/database/testing/find-postgres.ts';
import { findRedis } from './tests/support/find-redis.ts';

const rooms = 'common,server,agent,simulator,src-main,src-preload,src-renderer,scripts,bench';

// Many start processes; a busy machine is no failure.
const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Tests that open a database by `openTestDatabase`, themselves or in a fixture of theirs; not those that look at files. */
const testsOfStores = globSync('server/**/*.test.ts').filter(
  path =>
    !path.endsWith('model-outputs.test.ts') &&
    // Three engines each; the same queries run in the tests beside.
    !path.endsWith('.property.test.ts') &&
    /open-test-database|postgres-databases|registry\.fixture|decision-room\.fixture|forecasting-world\.fixture|testing\/test-room|testing\/test-engine/.test(
      readFileSync(path, 'utf8'),
    ),
);

export default defineConfig(async () => {
  const postgres = await findPostgres();
  // Others read this file, too.
  const isVitest = process.argv[1]?.includes('vitest') === true;
  const say = (text: string) => isVitest && process.stdout.write(text);
  say(
    postgres.url === null
      ? `stores are tested on SQLite alone: ${postgres.reason}\n`
      : `stores are tested on SQLite and PostgreSQL ${postgres.version}\n`,
  );
  const redis = await findRedis();
  say(
    redis.url === null
      ? `replicas are not tested: ${redis.reason}\n`
      : `replicas are tested with Redis ${redis.version}\n`,
  );
  const onPostgres = {
    test: {
      name: 'unit-postgres',
      include: testsOfStores,
      environment: 'node',
      provide: { postgresUrl: postgres.url },
      ...patience,
    },
  };
  return {
    test: {
      // Many tests wait for processes that they started: one worker on two cores would leave one idle.
      maxWorkers: Math.max(2, availableParallelism() - 1),
      projects: [
        {
          test: {
            name: 'unit',
            include: [`{${rooms}}/**/*.test.{ts,tsx}`],
            environment: 'node',
            provide: { postgresUrl: null },
            ...patience,
          },
        },
        ...(postgres.url === null ? [] : [onPostgres]),
        {
          test: {
            name: 'architecture',
            include: ['tests/architecture/**/*.test.ts'],
            testTimeout: 120_000,
            provide: { postgresUrl: postgres.url },
          },
        },
        {
          test: {
            name: 'integration',
            include: ['tests/integration/**/*.test.ts'],
            testTimeout: 300_000,
            hookTimeout: 120_000,
            fileParallelism: false,
            provide: { postgresUrl: postgres.url, redisUrl: redis.url },
          },
        },
      ],
    },
  };
});
