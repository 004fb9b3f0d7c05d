import type { PriceQuantile } from '../../common/contracts/index.ts';

/** Quantiles as short text, prices as differences to the point: `0.1:-1200 0.5:0 0.9:1500`; `null` when there are none. */
export function quantileText(quantiles: readonly PriceQuantile[], pointMicroUsd: number): string | null {
  if (quantiles.length === 0) return null;
  return quantiles
    .map(({ q, priceMicroUsdPerHour }) => `${q}:${priceMicroUsdPerHour - pointMicroUsd}`)
    .join(' ');
}

/** What `quantileText` wrote. */
export function quantilesFromText(text: string | null, pointMicroUsd: number): PriceQuantile[] {
  if (text === null) return [];
  return text.split(' ').map(part => {
    const [q, difference] = part.split(':').map(Number);
    return { q: q ?? Number.NaN, priceMicroUsdPerHour: pointMicroUsd + (difference ?? Number.NaN) };
  });
}
