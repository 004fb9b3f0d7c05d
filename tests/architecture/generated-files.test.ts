import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { allMigrations } from '../../server/engine.ts';
import { describeFeatures } from '../../server/forecasting/index.ts';
import { PostgresDatabases } from '../../server/platform/database/testing/postgres-databases.ts';
import { postgresUrl } from '../../server/platform/database/testing/postgres-url.ts';
import {
  type AlertRule,
  DatabaseUrl,
  describeMetrics,
  describeSettings,
  openPostgres,
  openSqlite,
} from '../../server/platform/index.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

it('the written-out schema is what the migrations make; "npm run schema" writes it anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-schema-'));
  const database = await openSqlite(folder, allMigrations);
  try {
    expect(await database.describeSchema()).toBe(read('server/platform/database/schema.generated.sql'));
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
});

it.skipIf(postgresUrl === null)(
  'the written-out schema of PostgreSQL is what the migrations make there',
  async () => {
    const databases = new PostgresDatabases(postgresUrl ?? '');
    const database = await openPostgres(new DatabaseUrl(await databases.create()), allMigrations);
    try {
      expect(await database.describeSchema()).toBe(
        read('server/platform/database/schema.generated.postgres.sql'),
      );
    } finally {
      await database.close();
      await databases.dropAll();
    }
  },
);

it('the guide to the settings lists every one as it is; "npm run schema" writes it anew', () => {
  expect(describeSettings()).toBe(read('docs/guides/configuration.md'));
});

it.runIf(process.platform === 'linux')(
  'the guide to the metrics lists every one and every alert as it is; "npm run schema" writes it anew',
  async () => {
    const alerts = parse(read('infra/prometheus/alerts.yml')) as { groups: { rules: AlertRule[] }[] };
    const rules = alerts.groups.flatMap(group => group.rules);
    expect(await describeMetrics(rules)).toBe(read('docs/guides/metrics.md'));
  },
);

it('the guide to the features lists every one as it is; "npm run schema" writes it anew', () => {
  expect(describeFeatures()).toBe(read('docs/guides/features.md'));
});
