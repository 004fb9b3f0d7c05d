import { AppError } from '../../common/errors.ts';

/** A table of texts with named columns. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Reads CSV as RFC 4180 has it: a header, commas, quotes doubled inside quotes, any line ends.
 * @throws AppError `input.invalid` naming the first line whose cells are not as many as the header's
 */
export function readCsv(text: string): CsvTable {
  const lines = cellsOf(text.replace(/^\ufeff/, ''));
  const [columns, ...rows] = lines;
  if (!columns)
    throw new AppError('input.invalid', 'The CSV file is empty; its first line must name the columns.');
  const wrong = rows.findIndex(row => row.length !== columns.length);
  if (wrong >= 0) {
    const found = rows[wrong]?.length ?? 0;
    throw new AppError(
      'input.invalid',
      `Line ${wrong + 2} of the CSV file has ${found} cells; its header has ${columns.length}.`,
    );
  }
  return { columns, rows };
}

/** Writes CSV; texts that need it are quoted, and what a spreadsheet would run as a formula is not let through. */
export function writeCsv({ columns, rows }: CsvTable): string {
  return `${[columns, ...rows].map(row => row.map(cell).join(',')).join('\n')}\n`;
}

function cell(text: string): string {
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text));
  const safe = !isNumber && /^[=+\-@\t\0]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function cellsOf(text: string): string[][] {
  const lines: string[][] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  let line: string[] = [];
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match)
      throw new AppError(
        'input.invalid',
        `The CSV file cannot be read at character ${at + 1}: a quote stands wrong.`,
      );
    line.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',' && pattern.lastIndex < text.length) continue;
    if (match[3] === ',') line.push('');
    lines.push(line);
    line = [];
  }
  return lines;
}
