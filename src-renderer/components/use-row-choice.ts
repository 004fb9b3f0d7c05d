import { useRef } from 'react';

/** Which rows of a table are chosen, by key. */
export interface RowChoice<Row> {
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
  /** Name of a row for its box. */
  readonly labelOf: (row: Row) => string;
}

/** Choosing among the rows that are found, whose keys are in the order shown; `undefined` where rows are not chosen. */
export function useRowChoice<Row>(choice: RowChoice<Row> | undefined, found: readonly string[]) {
  const last = useRef<string>(undefined);
  if (!choice) return undefined;
  const { chosen, onChange, labelOf } = choice;
  const count = found.reduce((sum, key) => sum + (chosen.has(key) ? 1 : 0), 0);
  const state = count === 0 ? 'none' : count === found.length ? 'all' : 'some';
  return {
    isChosen: (key: string) => chosen.has(key),
    labelOf,
    toggle: (key: string, reaches: boolean) => {
      onChange(afterToggle(chosen, found, key, reaches ? last.current : undefined));
      last.current = key;
    },
    all: {
      state,
      onToggle: () => {
        const next = new Set(chosen);
        for (const key of found) {
          if (state === 'all') next.delete(key);
          else next.add(key);
        }
        onChange(next);
      },
    } as const,
  };
}

/** What is chosen after a row, or all rows between it and `from`, got what the row now gets. */
export function afterToggle(
  chosen: ReadonlySet<string>,
  found: readonly string[],
  key: string,
  from: string | undefined,
): ReadonlySet<string> {
  const next = new Set(chosen);
  const [a, b] = [found.indexOf(from ?? key), found.indexOf(key)];
  const touched = a === -1 || b === -1 ? [key] : found.slice(Math.min(a, b), Math.max(a, b) + 1);
  for (const one of touched) {
    if (chosen.has(key)) next.delete(one);
    else next.add(one);
  }
  return next;
}
