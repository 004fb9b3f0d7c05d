import type { PoolRow } from '../pools/pool-rows.ts';

/** More pools than fit in an address are kept in the browser, and the address says so. */
const MOST_IN_ADDRESS = 60;
const KEPT = 'cloudoptim.view.market-history-pools';

/** Whose history: pools by key, and all pools of a type or family in a region. */
export interface HistoryChoice {
  readonly pools?: readonly string[];
  readonly type?: string;
  readonly family?: string;
  readonly region?: string;
  readonly product?: string;
}

/** The address of a history. */
export function historyPath(choice: HistoryChoice): string {
  return `/market/history?${withChoice(new URLSearchParams(), choice)}`;
}

/** The address with another choice; range and scale stay. */
export function withChoice(search: URLSearchParams, choice: HistoryChoice): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of ['pool', 'kept', 'type', 'family', 'region', 'product']) next.delete(name);
  const { pools = [], ...group } = choice;
  if (pools.length <= MOST_IN_ADDRESS) for (const pool of pools) next.append('pool', pool);
  else {
    next.set('kept', String(pools.length));
    keep(pools);
  }
  for (const [name, value] of Object.entries(group)) if (value !== undefined) next.set(name, value);
  return next;
}

/** The choice of an address. */
export function choiceOf(search: URLSearchParams): HistoryChoice {
  const text = (name: 'type' | 'family' | 'region' | 'product') => {
    const value = search.get(name);
    return value === null ? {} : { [name]: value };
  };
  return {
    pools: search.has('kept') ? kept() : search.getAll('pool'),
    ...text('type'),
    ...text('family'),
    ...text('region'),
    ...text('product'),
  };
}

/** The pools that a choice means, in the order of the table. */
export function chosenRows(choice: HistoryChoice, rows: readonly PoolRow[]): PoolRow[] {
  const byKey = new Set(choice.pools);
  const { type, family, region, product } = choice;
  const isOfGroup = (row: PoolRow) =>
    (type !== undefined || family !== undefined) &&
    (type === undefined || row.instanceType === type) &&
    (family === undefined || row.family === family) &&
    (region === undefined || row.region === region) &&
    (product === undefined || row.product === product);
  return rows.filter(row => byKey.has(row.key) || isOfGroup(row));
}

function keep(pools: readonly string[]): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(pools));
  } catch {
    // Full or forbidden storage: the address then leads to nothing chosen, and the page says how to choose.
  }
}

function kept(): string[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '[]') as string[];
  } catch {
    return [];
  }
}
