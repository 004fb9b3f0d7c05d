import { CompiledQuery, type QueryResult } from 'kysely';
import type { Database } from './database.ts';

/** Sizes of statements: few texts, so that a database compiles each of them once. */
const SIZES = [100, 25, 5, 1] as const;

/** A statement that takes rows, e.g. `{ row: '(cast(? as bigint), ?)', text: values => \`with v (a, b) as (values ${values}) …\` }`. */
export interface RowStatement {
  /** One row of a VALUES list, with `?` for each value. */
  readonly row: string;
  readonly text: (values: string) => string;
}

/**
 * Runs a statement for all rows with a few long ones, written without a builder: for thousands of small writes a second, building
 * costs more than running. Where the database cannot know the type of a value, the row casts it.
 * @returns what the statements returned, in the order of the rows
 */
export async function inRows<Row>(
  connection: { executeQuery<Found>(query: CompiledQuery<Found>): Promise<QueryResult<Found>> },
  kind: Database['kind'],
  statement: RowStatement,
  rows: readonly (readonly unknown[])[],
): Promise<Row[]> {
  const found: Row[] = [];
  for (let at = 0; at < rows.length; ) {
    const size = SIZES.find(each => each <= rows.length - at) ?? 1;
    const part = rows.slice(at, at + size);
    const query = CompiledQuery.raw(textOf(statement, kind, size), part.flat());
    found.push(...(await connection.executeQuery(query as CompiledQuery<Row>)).rows);
    at += size;
  }
  return found;
}

const texts = new WeakMap<RowStatement, Map<string, string>>();

function textOf(statement: RowStatement, kind: Database['kind'], size: number): string {
  const own = texts.get(statement) ?? new Map<string, string>();
  texts.set(statement, own);
  const key = `${kind} ${size}`;
  const known = own.get(key);
  if (known !== undefined) return known;
  const plain = statement.text(Array.from({ length: size }, () => statement.row).join(','));
  let place = 0;
  const text = kind === 'postgres' ? plain.replace(/\?/g, () => `$${++place}`) : plain;
  own.set(key, text);
  return text;
}
