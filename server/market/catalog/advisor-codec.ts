import type { Advice } from './catalog-layers.ts';

/** The feed has had savings below zero: a Spot price above on-demand. */
const LOWEST_SAVINGS = -100;
const UNKNOWN = '..';
const WIDTH = 2;

/** Savings percent and band as two digits of base 36; `..` where the feed does not list the type. */
export function packAdvice(
  entry: { readonly band: number; readonly savingsPercent: number } | undefined,
  bands: number,
): string {
  if (entry === undefined) return UNKNOWN;
  const code = (entry.savingsPercent - LOWEST_SAVINGS) * bands + entry.band;
  return code.toString(36).padStart(WIDTH, '0');
}

/** The advice of the type at `index` in what `packAdvice` made, joined. */
export function unpackAdvice(
  packed: string,
  index: number,
  bands: readonly { readonly label: string; readonly maxPercent: number }[],
): Advice | undefined {
  const text = packed.slice(WIDTH * index, WIDTH * (index + 1));
  if (text.length < WIDTH || text === UNKNOWN) return undefined;
  const code = Number.parseInt(text, 36);
  const band = bands[code % bands.length];
  if (band === undefined) return undefined;
  return { ...band, savingsPercent: Math.floor(code / bands.length) + LOWEST_SAVINGS };
}
