import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allMigrations } from '../../server/engine.ts';
import { describeFeatures } from '../../server/forecasting/index.ts';
import { describeSettings, openSqlite } from '../../server/platform/index.ts';

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

it('the guide to the settings lists every one as it is; "npm run schema" writes it anew', () => {
  expect(describeSettings()).toBe(read('docs/guides/configuration.md'));
});

it('the guide to the features lists every one as it is; "npm run schema" writes it anew', () => {
  expect(describeFeatures()).toBe(read('docs/guides/features.md'));
});
