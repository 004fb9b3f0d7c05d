import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import { AppError } from '../../../common/errors.ts';
import type { Database } from './database.ts';

const ROWS_AT_ONCE = 1_000;

type Row = Record<string, unknown>;

interface Table {
  readonly name: string;
  /** Columns of the primary key; none where there is none. */
  readonly key: readonly string[];
  /** The highest number that was ever given to a row; 0 where the database does not keep it. */
  readonly highest: number;
}

/** How far it is. */
export interface MoveStep {
  readonly phase: 'copying' | 'comparing';
  readonly table: string;
  readonly rows: number;
  readonly ofRows: number;
}

export interface MoveOptions {
  readonly signal: AbortSignal;
  readonly onStep: (step: MoveStep) => void;
  /** Runs in the transaction that copies rows of a table, before they are inserted. */
  readonly prepareIn: (
    transaction: Transaction<unknown>,
    table: string,
    rows: readonly Row[],
  ) => Promise<void>;
}

/**
 * Copies everything from a SQLite database into a PostgreSQL one of the same schema, table by table; then compares both by
 * counts and checksums. How far it came is kept beside the rows, so that it goes on there after a kill or a stop.
 * @returns rows by table
 * @throws AppError `resource.conflict` when the target holds data of its own, `storage.damaged` when the two differ at the end
 */
export async function moveDatabase(
  source: Database,
  target: Database,
  options: MoveOptions,
): Promise<ReadonlyMap<string, number>> {
  const from = source.reader<unknown>();
  const tables = await tablesOf(from);
  await begin(target, tables);
  const counts = new Map<string, number>();
  for (const { name } of tables) counts.set(name, await countOf(from, name));
  for (const { name } of tables) await copy(from, target, name, counts.get(name) ?? 0, options);
  for (const table of tables) {
    const { name } = table;
    const note = (rows: number) =>
      options.onStep({ phase: 'comparing', table: name, rows, ofRows: counts.get(name) ?? 0 });
    const here = await checksumOf(from, table, options.signal, note);
    const there = await checksumOf(target.reader<unknown>(), table, options.signal, note);
    if (here !== there)
      throw new AppError('storage.damaged', `The table ${name} is not the same in both databases.`, {
        hint: 'Drop the target database, create it anew and move once more; the source is as it was.',
      });
  }
  await target.write(async transaction => {
    for (const table of tables) await restartNumbers(transaction, table);
    await sql`drop table database_move`.execute(transaction);
  });
  return counts;
}

/** In an order in which rows come after those that they refer to. */
async function tablesOf(from: Kysely<unknown>): Promise<Table[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table' and substr(name, 1, 7) not in ('sqlite_', 'kysely_')
    order by name`.execute(from);
  const ordered = new Map<string, Table>();
  const add = async (name: string) => {
    if (ordered.has(name)) return;
    const { rows: parents } = await sql<{ parent: string }>`
      select "table" as parent from pragma_foreign_key_list(${name})`.execute(from);
    for (const { parent } of parents) if (parent !== name) await add(parent);
    const { rows: key } = await sql<{ name: string }>`
      select name from pragma_table_info(${name}) where pk > 0 order by pk`.execute(from);
    const { rows: given } = await sql<{ seq: number }>`
      select seq from sqlite_sequence where name = ${name}`.execute(from);
    ordered.set(name, { name, key: key.map(column => column.name), highest: given[0]?.seq ?? 0 });
  };
  for (const { name } of rows) await add(name);
  return [...ordered.values()];
}

/** Notes that a move is under way; a target that holds anything else is left alone. */
async function begin(target: Database, tables: readonly Table[]): Promise<void> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass('database_move') is not null as found`.execute(target.reader());
  if (rows[0]?.found) return;
  for (const { name } of tables) {
    if ((await countOf(target.reader<unknown>(), name)) === 0) continue;
    throw new AppError('resource.conflict', `The target database holds rows already, in ${name}.`, {
      hint: 'Move into an empty database.',
    });
  }
  await target.write(async transaction => {
    await sql`create table database_move (table_name text primary key, row_id bigint not null)`.execute(
      transaction,
    );
  });
}

async function copy(
  from: Kysely<unknown>,
  target: Database,
  table: string,
  ofRows: number,
  { signal, onStep, prepareIn }: MoveOptions,
): Promise<void> {
  const { rows: found } = await sql<{ row_id: number }>`
    select row_id from database_move where table_name = ${table}`.execute(target.reader());
  let last = found[0]?.row_id ?? Number.MIN_SAFE_INTEGER;
  let copied = 0;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await sql<Row & { move_row_id: number }>`
      select rowid as move_row_id, * from ${sql.table(table)} where rowid > ${last}
      order by rowid limit ${ROWS_AT_ONCE}`.execute(from);
    if (rows.length === 0) return;
    last = rows.at(-1)?.move_row_id ?? last;
    const values = rows.map(({ move_row_id: _, ...row }) => row);
    await target.write<Record<string, Row>, void>(async transaction => {
      await prepareIn(transaction as unknown as Transaction<unknown>, table, values);
      await transaction.insertInto(table).values(values).execute();
      await sql`
        insert into database_move values (${table}, ${last})
        on conflict (table_name) do update set row_id = excluded.row_id`.execute(transaction);
    });
    copied += rows.length;
    onStep({ phase: 'copying', table, rows: copied, ofRows });
    await turn();
  }
}

/** Count of the rows of a table, and a sum over them that does not depend on their order. */
async function checksumOf(
  reader: Kysely<unknown>,
  { name, key }: Table,
  signal: AbortSignal,
  note: (rows: number) => void,
): Promise<string> {
  const columns = sql.join(key.map(column => sql.ref(column)));
  let sum = 0n;
  let count = 0;
  let last: Row | undefined;
  for (;;) {
    signal.throwIfAborted();
    const after = last && sql`where (${columns}) > (${sql.join(key.map(column => last?.[column]))})`;
    // A table without a key is small.
    const page = key.length === 0 ? sql`` : sql`${after ?? sql``} order by ${columns} limit ${ROWS_AT_ONCE}`;
    const { rows } = await sql<Row>`select * from ${sql.table(name)} ${page}`.execute(reader);
    for (const row of rows) sum += hashOf(row);
    count += rows.length;
    last = rows.at(-1);
    note(count);
    if (key.length === 0 || rows.length < ROWS_AT_ONCE) return `${count} ${BigInt.asUintN(64, sum)}`;
    await turn();
  }
}

function hashOf(row: Row): bigint {
  const values = Object.keys(row)
    .sort()
    .map(name => {
      const value = row[name];
      return [name, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value];
    });
  return createHash('sha256').update(JSON.stringify(values)).digest().readBigUInt64BE();
}

async function countOf(reader: Kysely<unknown>, table: string): Promise<number> {
  const { rows } = await sql<{ rows: number }>`
    select count(*) as rows from ${sql.table(table)}`.execute(reader);
  return rows[0]?.rows ?? 0;
}

/** Rows came with their numbers; the next ones go on from there. */
async function restartNumbers(transaction: Transaction<unknown>, { name, highest }: Table): Promise<void> {
  const { rows } = await sql<{ column: string; sequence: string }>`
    select attname as column, pg_get_serial_sequence(quote_ident(${name}), attname) as sequence
    from pg_attribute where attrelid = to_regclass(quote_ident(${name})) and attnum > 0 and not attisdropped
      and pg_get_serial_sequence(quote_ident(${name}), attname) is not null`.execute(transaction);
  for (const { column, sequence } of rows)
    await sql`
      select setval(${sequence}, greatest(${highest}::bigint,
        (select coalesce(max(${sql.ref(column)}), 0) from ${sql.table(name)})) + 1, false)`.execute(
      transaction,
    );
}
