/** `npm run schema`: writes the files that are made from code and compared in tests. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { allMigrations } from '../server/engine.ts';
import { describeFeatures } from '../server/forecasting/index.ts';
import { findPostgres } from '../server/platform/database/testing/find-postgres.ts';
import { PostgresDatabases } from '../server/platform/database/testing/postgres-databases.ts';
import {
  type AlertRule,
  DatabaseUrl,
  describeMetrics,
  describeSettings,
  openPostgres,
  openSqlite,
} from '../server/platform/index.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-schema-'));
const database = await openSqlite(folder, allMigrations);
writeFileSync(join(root, 'server/platform/database/schema.generated.sql'), await database.describeSchema());
await database.close();
rmSync(folder, { recursive: true });
const found = await findPostgres();
if (found.url === null) {
  process.stdout.write(`the schema of PostgreSQL stays as it is: ${found.reason}\n`);
} else {
  const databases = new PostgresDatabases(found.url);
  const postgres = await openPostgres(new DatabaseUrl(await databases.create()), allMigrations);
  try {
    const schema = await postgres.describeSchema();
    writeFileSync(join(root, 'server/platform/database/schema.generated.postgres.sql'), schema);
  } finally {
    await postgres.close();
    await databases.dropAll();
  }
}
writeFileSync(join(root, 'docs/guides/configuration.md'), describeSettings());
const alerts = parse(readFileSync(join(root, 'infra/prometheus/alerts.yml'), 'utf8')) as {
  groups: { rules: AlertRule[] }[];
};
const rules = alerts.groups.flatMap(group => group.rules);
writeFileSync(join(root, 'docs/guides/metrics.md'), await describeMetrics(rules));
writeFileSync(join(root, 'docs/guides/features.md'), describeFeatures());
