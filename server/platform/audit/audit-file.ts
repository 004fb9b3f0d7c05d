import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { AuditFileKind } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { ChainedEntry } from './audit-chain.ts';

const COLUMNS = ['seq', 'time', 'actor', 'action', 'subject', 'detail', 'previous', 'hash'] as const;
type Line = Readonly<Record<(typeof COLUMNS)[number], unknown>>;

const fileLine = z.object({
  seq: z.coerce.number().int().positive(),
  time: z
    .string()
    .transform(text => Date.parse(text))
    .pipe(z.number().int()),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.string(),
  previous: z.string(),
  hash: z.string(),
});

const PIECE_CHARACTERS = 64 * 1024;

/** Entries as a file, in pieces of text: JSON lines, or CSV with a header. */
export async function* auditFile(
  kind: AuditFileKind,
  entries: AsyncIterable<ChainedEntry>,
): AsyncGenerator<string> {
  const isCsv = kind === 'audit.csv';
  let piece = isCsv ? `${COLUMNS.join(',')}\r\n` : '';
  for await (const { at, ...entry } of entries) {
    const line: Line = { ...entry, time: new Date(at).toISOString() };
    const ordered = COLUMNS.map(name => [name, line[name]] as const);
    piece += isCsv
      ? `${ordered.map(([, value]) => csvCell(String(value))).join(',')}\r\n`
      : `${JSON.stringify(Object.fromEntries(ordered))}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/**
 * Reads entries of a file that `auditFile` wrote; which kind it is its first line says. Memory does not grow with the file.
 * @throws AppError `input.invalid` naming the line that is none
 */
export async function* readAuditFile(input: Readable, name: string): AsyncGenerator<ChainedEntry> {
  let isCsv: boolean | undefined;
  let number = 0;
  let pending = '';
  for await (const text of linesOf(input)) {
    number++;
    isCsv ??= text.replace(/^\uFEFF/, '').trimEnd() === COLUMNS.join(',');
    if (isCsv && number === 1) continue;
    pending += pending === '' ? text : `\n${text}`;
    if (pending.trim() === '' || (isCsv && !isClosed(pending))) continue;
    yield entryOf(isCsv ? csvLine(pending.replace(/\r$/, '')) : jsonLine(pending), name, number);
    pending = '';
  }
  if (pending.trim() !== '') throw notALine(name, number);
}

/** Split at line feeds alone: other breaks may be part of what somebody wrote. */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function entryOf(line: unknown, name: string, number: number): ChainedEntry {
  const parsed = fileLine.safeParse(line);
  if (!parsed.success) throw notALine(name, number);
  const { time, ...entry } = parsed.data;
  return { ...entry, at: time };
}

function notALine(name: string, number: number): AppError {
  return new AppError('input.invalid', `Line ${number} of ${name} is no entry of an audit log.`, {
    hint: 'Give a file that "cloudoptim audit export" or the Settings page wrote, whole and as it was.',
  });
}

function jsonLine(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A spreadsheet must not take a text for a formula; the mark is taken off again when the file is read. */
function csvCell(text: string): string {
  const safe = /^['=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Whether every quote that was opened is closed. */
function isClosed(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 0;
}

function csvLine(text: string): Record<string, string> {
  const cells: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)) {
    const cell = quoted?.replaceAll('""', '"') ?? plain ?? '';
    cells.push(cell.startsWith("'") ? cell.slice(1) : cell);
  }
  return Object.fromEntries(COLUMNS.map((name, index) => [name, cells[index] ?? '']));
}
