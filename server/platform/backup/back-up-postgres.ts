import { join } from 'node:path';
import { createZstdCompress } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { AppError } from '../../../common/errors.ts';
import type { DatabaseUrl } from '../database/database-url.ts';
import { postgresError } from '../database/postgres-errors.ts';
import { clientOptions } from '../database/postgres-pool.ts';
import type { DatabasePart } from './back-up.ts';
import type { BackupPart, BackupStep, CopiedTable } from './backup-manifest.ts';
import { writeHashed } from './copied-file.ts';

type Table = Pick<CopiedTable, 'name' | 'columns' | 'order' | 'partitions'>;

/** A connection for long statements, whose texts are the same wherever they are read. */
export async function openLongSession(url: DatabaseUrl, name: string): Promise<pg.Client> {
  const client = new pg.Client({ ...clientOptions(url, name), connectionTimeoutMillis: 30_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`select set_config('statement_timeout', '0', false), set_config('lock_timeout', '30000', false),
      set_config('idle_in_transaction_session_timeout', '0', false), set_config('bytea_output', 'hex', false),
      set_config('extra_float_digits', '1', false), set_config('client_encoding', 'UTF8', false)`);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw postgresError(error, url.place);
  }
}

/**
 * Copies all tables as they are at one moment, while an engine may write to them; dropping old prices waits for it.
 * @throws AppError `input.invalid` for a database that is no engine's, `storage.away`
 */
export async function backUpPostgres(
  url: DatabaseUrl,
  folder: string,
  { signal, onStep }: { signal: AbortSignal; onStep: (step: BackupStep) => void },
): Promise<DatabasePart> {
  const client = await openLongSession(url, 'backup');
  try {
    await client.query('begin isolation level repeatable read, read only');
    const { rows: found } = await client.query<{ found: boolean }>(
      `select to_regclass('kysely_migration') is not null and to_regclass('engine_owner') is not null as found`,
    );
    if (!found[0]?.found)
      throw new AppError('input.invalid', `The database ${url.place} is not one of an engine.`, {
        hint: 'Check the name of the database in --database-url or CLOUDOPTIM_DATABASE_URL.',
      });
    const migrations = await client.query<{ name: string }>(
      'select name from kysely_migration order by name',
    );
    const tables = await tablesOf(client);
    const counts: Record<string, number> = {};
    for (const { name } of tables) counts[name] = await countOf(client, name);
    const of = Object.values(counts).reduce((sum, rows) => sum + rows, 0);
    const copied: CopiedTable[] = [];
    const parts: BackupPart[] = [];
    let before = 0;
    for (const table of tables) {
      const rows = counts[table.name] ?? 0;
      const stream = client.query(copyTo(copyText(table)));
      let done = 0;
      const part = `tables/${table.name}.copy.zst`;
      const { bytes, sha256, sourceSha256 } = await writeHashed(stream, join(folder, part), {
        signal,
        through: createZstdCompress(),
        // One line for each row: a break inside a text is written as two characters.
        onChunk: chunk => {
          for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) done++;
          onStep({ phase: 'database', done: before + done, of, unit: 'rows' });
        },
      });
      before += rows;
      parts.push({ path: part, bytes, sha256 });
      copied.push({ ...table, part, textSha256: sourceSha256 });
    }
    const sequences = await client.query<{ name: string; last: string }>(
      `select sequencename as name, last_value::text as last from pg_sequences
        where schemaname = current_schema() and last_value is not null order by 1`,
    );
    return {
      kind: 'postgres',
      migrations: migrations.rows.map(({ name }) => name),
      rows: counts,
      tables: copied,
      sequences: sequences.rows,
      parts,
    };
  } catch (error) {
    throw postgresError(error, url.place);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The statement that gives all rows of a table in a fixed order. */
export function copyText({ name, columns, order }: Table): string {
  return `copy (select ${quoted(columns)} from "${name}" order by ${quoted(order)}) to stdout`;
}

export function quoted(names: readonly string[]): string {
  return names.map(name => `"${name}"`).join(', ');
}

/** All tables but those of the machinery, those that are referred to first. */
async function tablesOf(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table & { parents: string[] }>(`
    select relation.relname as name,
      (select json_agg(attname order by attnum) from pg_attribute
        where attrelid = relation.oid and attnum > 0 and not attisdropped) as columns,
      (select json_agg(attname order by array_position(conkey, attnum)) from pg_constraint
        join pg_attribute on attrelid = conrelid and attnum = any (conkey)
        where conrelid = relation.oid and contype = 'p') as order,
      coalesce((select json_agg(confrelid::regclass::text) from pg_constraint
        where conrelid = relation.oid and contype = 'f'), '[]') as parents,
      coalesce((select json_agg(json_build_object('name', child.relname,
          'from', substring(pg_get_expr(child.relpartbound, child.oid) from 'FROM \\(''(-?\\d+)''\\)'),
          'to', substring(pg_get_expr(child.relpartbound, child.oid) from 'TO \\(''(-?\\d+)''\\)')) order by child.relname)
        from pg_inherits join pg_class child on child.oid = inhrelid where inhparent = relation.oid), '[]') as partitions
    from pg_class relation
    where relation.relnamespace = current_schema()::regnamespace and relation.relkind in ('r', 'p')
      and not relation.relispartition and relation.relname not like 'kysely\\_%'
      and relation.relname not in ('engine_owner', 'engine_lease', 'database_move')
    order by relation.relname collate "C"`);
  const ordered = new Map<string, Table>();
  const add = (name: string) => {
    const row = rows.find(other => other.name === name);
    if (!row || ordered.has(name)) return;
    for (const parent of row.parents) if (parent !== name) add(parent);
    const { columns, order, partitions } = row;
    ordered.set(name, { name, columns, order: order ?? columns, partitions });
  };
  for (const { name } of rows) add(name);
  return [...ordered.values()];
}

async function countOf(client: pg.Client, table: string): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(`select count(*) as rows from "${table}"`);
  return rows[0]?.rows ?? 0;
}
