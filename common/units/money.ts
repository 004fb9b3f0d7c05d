/** Money is an integer count of micro-USD everywhere but on the screen: 1 USD = 1,000,000. */
export const MICRO_USD_PER_USD = 1_000_000;

/** Hours in a month as AWS bills and quotes them: 365 × 24 / 12. */
export const HOURS_PER_MONTH = 730;

/** USD, as number or decimal text, to integer micro-USD, rounded half up. `undefined` unless finite and ≥ 0. */
export function microUsdFromUsd(usd: number | string): number | undefined {
  const value = typeof usd === 'number' ? usd : usd.trim() === '' ? Number.NaN : Number(usd);
  if (!Number.isFinite(value) || value < 0) return undefined;
  return Math.round(value * MICRO_USD_PER_USD);
}

/** Micro-USD to USD, for showing and for exports. */
export function usdFromMicroUsd(microUsd: number): number {
  return microUsd / MICRO_USD_PER_USD;
}

/** `$0.0416/h` below a dollar, `$12.30/h` above: four decimals where cents would hide the figure. */
export function formatUsdPerHour(microUsdPerHour: number): string {
  return `${formatUsd(microUsdPerHour)}/h`;
}

/** `$1,204/month` from a price for an hour. */
export function formatUsdPerMonth(microUsdPerHour: number): string {
  const usd = (microUsdPerHour * HOURS_PER_MONTH) / MICRO_USD_PER_USD;
  const digits = Math.abs(usd) < 10 ? 2 : 0;
  return `${sign(usd)}$${group(Math.abs(usd), digits)}/month`;
}

/** `$0.0416`, `$12.30`, `$1,204`. */
export function formatUsd(microUsd: number): string {
  const usd = microUsd / MICRO_USD_PER_USD;
  const size = Math.abs(usd);
  const digits = size === 0 ? 2 : size < 1 ? 4 : size < 1000 ? 2 : 0;
  return `${sign(usd)}$${group(size, digits)}`;
}

function sign(value: number): string {
  return value < 0 ? '−' : '';
}

/** By digits: making one takes far longer than using it. */
const formats = new Map<number, Intl.NumberFormat>();

function group(value: number, digits: number): string {
  let format = formats.get(digits);
  if (!format) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(digits, format);
  }
  return format.format(value);
}
