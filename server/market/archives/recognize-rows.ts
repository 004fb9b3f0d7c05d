import type { ArchiveFormat } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { refuseStrangers } from './compression.ts';
import { JsonScanner } from './json-scanner.ts';
import { layoutOfHeader, layoutOfRow } from './line-layout.ts';
import { LineScanner } from './line-scanner.ts';
import type { RowScanner } from './raw-row.ts';

/** A line by which to tell the form of a file is not longer. */
const ENOUGH = 64 * 1024;
/** UTF-8 byte order mark, read as Latin-1. */
const BYTE_ORDER_MARK = '\xef\xbb\xbf';
const SHOWN = 60;

/** How to read a text, and the text without what is no part of it. */
interface Recognized {
  readonly format: ArchiveFormat;
  readonly scanner: RowScanner;
  readonly text: string;
}

/**
 * Tells the form of a text from its beginning, never from the name of its file. `undefined` while too little is there.
 * @throws AppError `market.archive-unreadable` when it is no text of prices
 */
export function recognizeRows(head: string, fileName: string, isWhole: true): Recognized;
export function recognizeRows(head: string, fileName: string, isWhole: false): Recognized | undefined;
export function recognizeRows(head: string, fileName: string, isWhole: boolean): Recognized | undefined {
  refuseStrangers(head, fileName);
  const text = head.startsWith(BYTE_ORDER_MARK) ? head.slice(BYTE_ORDER_MARK.length) : head;
  const lines = text.split('\n', 100);
  // The last one may go on.
  if (!isWhole && text.length < ENOUGH && lines.length > 0) lines.pop();
  const first = lines.map(line => line.trim()).find(line => line !== '' && !/^(?:#|NEXTTOKEN\b)/i.test(line));
  if (first === undefined && !isWhole && text.length < ENOUGH && !/^\s*[[{]/.test(text)) return undefined;
  if (/^\s*[[{]/.test(text)) return { format: 'json', scanner: new JsonScanner(), text };
  if (text.trim() === '') throw unreadable(fileName, 'is empty');
  const layout = first === undefined ? undefined : (layoutOfHeader(first) ?? layoutOfRow(first));
  if (!layout) {
    if (text.includes('\0')) throw unreadable(fileName, 'holds NUL bytes, which no text of prices does');
    const shown = JSON.stringify((first ?? text).slice(0, SHOWN));
    throw unreadable(fileName, `begins with ${shown}, which names no zone, instance type, price and time`);
  }
  return { format: layout.format, scanner: new LineScanner(layout), text };
}

function unreadable(fileName: string, what: string): AppError {
  return new AppError('market.archive-unreadable', `"${fileName}" ${what}.`);
}
