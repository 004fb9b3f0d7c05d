import type { ReactNode } from 'react';
import type { CellValue } from './csv.ts';

/** A column: `value` sorts, searches and exports; `cell` shows. Unknown values (`null`) sort last. */
export interface TableColumn<Row> {
  readonly id: string;
  readonly header: string;
  readonly value: (row: Row) => CellValue;
  readonly cell?: (row: Row) => ReactNode;
  readonly align?: 'right';
  /** Takes the width that is left, and is cut off where there is little. */
  readonly grows?: true;
  /** Not shown until the reader chooses it. */
  readonly hidden?: boolean;
}

/** Orders two cells; text in natural order, so that `node-9` comes before `node-10`. */
export function compareCells(a: CellValue, b: CellValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''), 'en', { numeric: true });
}

/** Whether any cell of a row holds every word that was searched. */
export function matchesSearch(cells: readonly CellValue[], search: string): boolean {
  const text = cells.join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}
