import type { PoolRow } from '../pools/pool-rows.ts';

/** Colours of Okabe and Ito that stand out on both grounds, by the names of the theme; lines beyond them repeat. */
const COLOURS = [
  '--co-line-1',
  '--co-line-2',
  '--co-line-3',
  '--co-line-4',
  '--co-line-5',
  '--co-line-6',
  '--co-line-7',
] as const;

/** What a colour stands for, and the colour of each pool. */
export interface LineColours {
  /** `pool`: each line has its own; else all lines of a zone, type, family or product share one. */
  readonly by: 'pool' | 'zone' | 'type' | 'family' | 'product';
  /** Names of the groups with their colours; empty where each line has its own. */
  readonly groups: readonly { readonly name: string; readonly colour: string }[];
  readonly colourOf: (row: PoolRow) => string;
}

/** Few pools get a colour each; of many the one name that parts them into at most as many groups as there are colours. */
export function lineColours(rows: readonly PoolRow[]): LineColours {
  const colourAt = (index: number) => COLOURS[index % COLOURS.length] ?? COLOURS[0];
  if (rows.length <= COLOURS.length) {
    const places = new Map(rows.map(({ key }, index) => [key, index]));
    return { by: 'pool', groups: [], colourOf: ({ key }) => colourAt(places.get(key) ?? 0) };
  }
  const ways = [
    ['type', (row: PoolRow) => row.instanceType],
    ['family', (row: PoolRow) => row.family],
    ['zone', (row: PoolRow) => row.zone],
    ['product', (row: PoolRow) => row.product],
  ] as const;
  const parted = ways.map(([by, nameOf]) => ({ by, nameOf, names: [...new Set(rows.map(nameOf))].sort() }));
  const best = parted
    .filter(({ names }) => names.length > 1 && names.length <= COLOURS.length)
    .toSorted((a, b) => b.names.length - a.names.length)[0];
  if (!best) {
    const places = new Map(rows.map(({ key }, index) => [key, index]));
    return { by: 'pool', groups: [], colourOf: ({ key }) => colourAt(places.get(key) ?? 0) };
  }
  const places = new Map(best.names.map((name, index) => [name, index]));
  return {
    by: best.by,
    groups: best.names.map((name, index) => ({ name, colour: colourAt(index) })),
    colourOf: row => colourAt(places.get(best.nameOf(row)) ?? 0),
  };
}
