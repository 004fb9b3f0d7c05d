import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { AppError } from '../../../common/errors.ts';
import type { Migrations } from '../database/database.ts';
import type { DatabaseUrl } from '../database/database-url.ts';
import { openPostgres } from '../database/open-postgres.ts';
import { postgresError } from '../database/postgres-errors.ts';
import { inUse, lockPostgres } from '../database/postgres-owner.ts';
import { copyText, openLongSession, quoted } from './back-up-postgres.ts';
import type { BackupManifest, BackupStep, CopiedTable } from './backup-manifest.ts';

interface Progress {
  readonly signal: AbortSignal;
  readonly onStep: (step: BackupStep) => void;
}

/**
 * Whether a database can be made room in for a backup.
 * @throws AppError `resource.conflict` for one that holds tables of something else, or rows that may not be replaced
 */
export async function demandClearable(url: DatabaseUrl, replace: boolean): Promise<void> {
  await asOwner(url, async (session, tables) => {
    if (tables.length > 0 && !tables.includes('engine_owner'))
      throw new AppError(
        'resource.conflict',
        `The database ${url.place} holds tables of something else, as ${tables[0]}.`,
        { hint: 'Restore into an empty database.' },
      );
    for (const name of tables) {
      if (replace || name === 'engine_owner' || name === 'engine_lease' || name.startsWith('kysely_'))
        continue;
      const { rowCount } = await session.query(`select from ${quoted([name])} limit 1`);
      if (rowCount === 0) continue;
      throw new AppError('resource.conflict', `The database ${url.place} holds rows already, in ${name}.`, {
        hint: 'Restore into an empty database, or give --replace to drop what is there.',
      });
    }
  });
}

/** Drops all tables; ask `demandClearable` first. */
export async function clearPostgres(url: DatabaseUrl): Promise<void> {
  await asOwner(url, async (session, tables) => {
    if (tables.length > 0) await session.query(`drop table ${quoted(tables)} cascade`);
  });
}

/** @throws AppError `storage.in-use` while an engine runs on the database */
async function asOwner(
  url: DatabaseUrl,
  work: (session: pg.Client, tables: readonly string[]) => Promise<void>,
): Promise<void> {
  const session = await lockPostgres(url, 1);
  if (!session) throw inUse(url);
  try {
    const { rows } = await session.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = current_schema()::regnamespace
        and relkind in ('r', 'p') and not relispartition order by relname collate "C"`,
    );
    await work(
      session,
      rows.map(({ name }) => name),
    );
  } catch (error) {
    throw postgresError(error, url.place);
  } finally {
    await session.end();
  }
}

/**
 * Makes the schema of a backup in an empty database and copies its rows, all in one transaction, which is committed once
 * every table gives the same text again as the one that was backed up.
 * @throws AppError `storage.damaged` when one does not
 */
export async function restorePostgres(
  url: DatabaseUrl,
  manifest: BackupManifest,
  { from, migrations, ...progress }: Progress & { from: string; migrations: Migrations },
): Promise<void> {
  const known = Object.fromEntries(manifest.migrations.map(name => [name, migrations[name]])) as Migrations;
  // Opened for its lock and its migrations.
  const owner = await openPostgres(url, known);
  try {
    const client = await openLongSession(url, 'restore');
    try {
      await client.query('begin');
      await load(client, from, manifest, progress);
      await compare(client, manifest, progress);
      await client.query('commit');
    } catch (error) {
      throw postgresError(error, url.place);
    } finally {
      await client.end().catch(() => undefined);
    }
  } finally {
    await owner.close();
  }
}

async function load(
  client: pg.Client,
  folder: string,
  manifest: BackupManifest,
  { signal, onStep }: Progress,
): Promise<void> {
  const parts = new Map(manifest.parts.map(part => [part.path, part.bytes]));
  const of = manifest.tables.reduce((sum, { part }) => sum + (parts.get(part) ?? 0), 0);
  let done = 0;
  for (const { name, columns, part, partitions } of manifest.tables) {
    for (const { name: partition, from, to } of partitions)
      await client.query(
        `create table ${quoted([partition])} partition of ${quoted([name])} for values from (${from}) to (${to})`,
      );
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        done += chunk.length;
        onStep({ phase: 'restoring', done, of, unit: 'bytes' });
        next(null, chunk);
      },
    });
    const table = client.query(copyFrom(`copy ${quoted([name])} (${quoted(columns)}) from stdin`));
    await pipeline([createReadStream(join(folder, part)), meter, createZstdDecompress(), table], { signal });
    if (table.rowCount !== manifest.rows[name]) throw differs(name);
  }
  for (const { name, last } of manifest.sequences)
    await client.query('select setval(quote_ident($1)::regclass, $2::bigint)', [name, last]);
}

async function compare(
  client: pg.Client,
  manifest: BackupManifest,
  { signal, onStep }: Progress,
): Promise<void> {
  const of = manifest.tables.length;
  for (const [index, table] of manifest.tables.entries()) {
    const text = await hashOfText(client, table, signal);
    if (text !== table.textSha256) throw differs(table.name);
    const rows = Object.values(manifest.rows).reduce((sum, count) => sum + count, 0);
    onStep({ phase: 'comparing', done: Math.round((rows * (index + 1)) / of), of: rows, unit: 'rows' });
  }
}

async function hashOfText(client: pg.Client, table: CopiedTable, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done();
    },
  });
  await pipeline([client.query(copyTo(copyText(table))), sink], { signal });
  return hash.digest('hex');
}

function differs(table: string): AppError {
  return new AppError('storage.damaged', `The table ${table} is not what was backed up.`, {
    hint: 'Nothing was restored; use another copy of this backup.',
  });
}
