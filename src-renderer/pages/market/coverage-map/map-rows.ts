import { type CoverageCell, type CoverageMap, coverageCells } from '../../../../common/contracts/index.ts';
import { type Pool, poolKey } from '../../../../common/units/index.ts';

/** A pool with what is known of each day, as places in `coverageCells`. */
export interface MappedPool {
  readonly pool: Pool;
  readonly cells: Uint8Array;
}

/** How fine the rows are. */
export const LEVELS = ['family', 'type', 'pool'] as const;
export type Level = (typeof LEVELS)[number];

/** A row of the map: one pool, or all that share a type or a family. */
export interface HeatRow {
  readonly id: string;
  readonly label: string;
  readonly region: string;
  readonly product: string;
  readonly instanceTypes: readonly string[];
  readonly pools: readonly MappedPool[];
}

/** Pools by days, over the same days. */
export interface HeatMap {
  readonly fromMs: number;
  readonly days: number;
  readonly nowMs: number;
  readonly reachMs: number;
  readonly rows: readonly HeatRow[];
}

/** The pools of maps, each with its days unpacked. */
export function mappedPools(map: CoverageMap): MappedPool[] {
  return map.cells.map((runs, index) => ({
    pool: {
      region: map.region,
      product: map.product,
      availabilityZone: map.zones[map.zone[index] ?? -1] ?? '',
      instanceType: map.types[map.type[index] ?? -1] ?? '',
    },
    cells: cellsOfRuns(runs, map.days),
  }));
}

/** `3n87h` as 90 places in `coverageCells`. */
export function cellsOfRuns(runs: string, days: number): Uint8Array {
  const cells = new Uint8Array(days);
  let day = 0;
  for (const [, length, cell] of runs.matchAll(/(\d+)([a-z])/g)) {
    const end = day + Number(length);
    cells.fill(coverageCells.indexOf(cell as CoverageCell), day, end);
    day = end;
  }
  return cells;
}

/** Rows of a level in natural order; `withProduct` names the product in each. */
export function heatRows(pools: readonly MappedPool[], level: Level, withProduct: boolean): HeatRow[] {
  const groups = Map.groupBy(pools, ({ pool }) => `${pool.product}/${nameOf(pool, level)}`);
  const rows = [...groups.values()].flatMap((members): HeatRow[] => {
    const [first] = members;
    if (!first) return [];
    const { pool } = first;
    const name = nameOf(pool, level);
    const label = withProduct ? `${name}, ${pool.product}` : name;
    return [
      {
        id: level === 'pool' ? poolKey(pool) : `${pool.region}/${pool.product}/${name}`,
        label,
        region: pool.region,
        product: pool.product,
        instanceTypes: [...new Set(members.map(member => member.pool.instanceType))],
        pools: members,
      },
    ];
  });
  const natural = new Intl.Collator('en', { numeric: true });
  return rows.toSorted((a, b) => natural.compare(a.label, b.label));
}

function nameOf(pool: Pool, level: Level): string {
  if (level === 'pool') return `${pool.instanceType}, ${pool.availabilityZone}`;
  return level === 'type' ? pool.instanceType : pool.instanceType.slice(0, pool.instanceType.indexOf('.'));
}

/** How many pools of a row are in each state on a day, by place in `coverageCells`. */
export function countsAt(row: HeatRow, day: number): number[] {
  const counts = coverageCells.map(() => 0);
  for (const { cells } of row.pools) {
    const cell = cells[day] ?? 0;
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return counts;
}

/** The state of a row on a day that asks most for something to be done. */
export function worstAt(row: HeatRow, day: number): CoverageCell {
  const counts = countsAt(row, day);
  return (
    (['o', 'n', 'p', 'r', 'b'] as const).find(cell => (counts[coverageCells.indexOf(cell)] ?? 0) > 0) ?? 'h'
  );
}

/** Days `[from, to]` around a day that are in the same worst state. */
export function runAround(row: HeatRow, day: number, days: number): { from: number; to: number } {
  const state = worstAt(row, day);
  let [from, to] = [day, day];
  while (from > 0 && worstAt(row, from - 1) === state) from--;
  while (to < days - 1 && worstAt(row, to + 1) === state) to++;
  return { from, to };
}

/** Pool-days in each state, and pools that retired. */
export function totalsOf(rows: readonly HeatRow[]) {
  const days = coverageCells.map(() => 0);
  let [holed, retired] = [0, 0];
  for (const { pools } of rows)
    for (const { cells } of pools) {
      let hasHole = false;
      for (const cell of cells) {
        days[cell] = (days[cell] ?? 0) + 1;
        hasHole ||= cell === HOLE;
      }
      if (hasHole) holed++;
      if (cells.at(-1) === RETIRED || cells.at(-2) === RETIRED) retired++;
    }
  const of = (cell: CoverageCell) => days[coverageCells.indexOf(cell)] ?? 0;
  const all = days.reduce((sum, count) => sum + count, 0);
  return { of, all, holed, retired };
}

const HOLE = coverageCells.indexOf('o');
const RETIRED = coverageCells.indexOf('r');
