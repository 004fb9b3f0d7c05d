import type { ReactNode } from 'react';
import type { CellValue } from './csv.ts';

/** A column: `value` sorts, searches and exports; `cell` shows. Unknown values (`null`) sort last. */
export interface TableColumn<Row> {
  readonly id: string;
  readonly header: string;
  /** Header in exported files, where it has to name the unit. */
  readonly csvHeader?: string;
  /** What the header means, on hover. */
  readonly hint?: string;
  readonly value: (row: Row) => CellValue;
  readonly cell?: (row: Row) => ReactNode;
  readonly align?: 'right';
  /** Takes the width that is left, and is cut off where there is little. */
  readonly grows?: true;
  /** Not shown until the reader chooses it. */
  readonly hidden?: boolean;
}

/** Made once: `localeCompare` looks its rules up for each pair, which a sort of thousands of rows would feel. */
const natural = new Intl.Collator('en', { numeric: true });

/** Orders two cells; text in natural order, so that `node-9` comes before `node-10`. */
export function compareCells(a: CellValue, b: CellValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return natural.compare(String(a ?? ''), String(b ?? ''));
}

/** Whether any cell of a row holds every word that was searched. */
export function matchesSearch(cells: readonly CellValue[], search: string): boolean {
  const text = cells.join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}
