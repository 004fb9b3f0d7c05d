/** `npm run schema`: writes the files that are made from code and compared in tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allMigrations } from '../server/engine.ts';
import { describeFeatures } from '../server/forecasting/index.ts';
import { describeSettings, openSqlite } from '../server/platform/index.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-schema-'));
const database = await openSqlite(folder, allMigrations);
writeFileSync(join(root, 'server/platform/database/schema.generated.sql'), await database.describeSchema());
await database.close();
rmSync(folder, { recursive: true });
writeFileSync(join(root, 'docs/guides/configuration.md'), describeSettings());
writeFileSync(join(root, 'docs/guides/features.md'), describeFeatures());
