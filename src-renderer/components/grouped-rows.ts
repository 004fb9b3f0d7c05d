/** A line of a table that is drawn: a row, or the heading above the rows of a group. */
export type TableLine<Item> =
  | { readonly kind: 'row'; readonly item: Item; readonly index: number }
  | { readonly kind: 'group'; readonly name: string; readonly count: number };

/**
 * Rows in their order, those of one group together under a heading; groups in the order of their first row. Without
 * `groupOf` there are no headings.
 */
export function groupedRows<Item>(
  items: readonly Item[],
  groupOf: ((item: Item) => string) | undefined,
): TableLine<Item>[] {
  if (groupOf === undefined) return items.map((item, index) => ({ kind: 'row', item, index }));
  const lines: TableLine<Item>[] = [];
  let index = 0;
  for (const [name, members] of Map.groupBy(items, groupOf)) {
    lines.push({ kind: 'group', name, count: members.length });
    for (const item of members) lines.push({ kind: 'row', item, index: index++ });
  }
  return lines;
}
