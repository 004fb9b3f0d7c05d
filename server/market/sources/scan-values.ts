import { MICRO_USD_PER_USD } from '../../../common/units/index.ts';
import type { Span } from './pool-names.ts';

const ZERO = 0x30;
const [DASH, COLON, DOT, T, Z] = Buffer.from('-:.TZ');
const MICRO_DIGITS = 6;
/** Beyond these digits a dollar amount is no price. */
const DOLLAR_DIGITS = 6;

/**
 * `2021-12-14T15:53:10Z` or with thousandths, in ms, cut down to thousandths; `undefined` when the bytes are anything
 * else, or no such moment exists.
 */
export function scanTimestamp(bytes: Uint8Array, { start, end }: Span): number | undefined {
  const length = end - start;
  const at = (offset: number) => bytes[start + offset];
  if (length !== 20 && length !== 24) return undefined;
  if (at(4) !== DASH || at(7) !== DASH || at(10) !== T || at(13) !== COLON || at(16) !== COLON)
    return undefined;
  if (at(length - 1) !== Z || (length === 24 && at(19) !== DOT)) return undefined;
  const year = digits(bytes, start, 4);
  const month = digits(bytes, start + 5, 2);
  const day = digits(bytes, start + 8, 2);
  const hour = digits(bytes, start + 11, 2);
  const minute = digits(bytes, start + 14, 2);
  const second = digits(bytes, start + 17, 2);
  const ms = length === 24 ? digits(bytes, start + 20, 3) : 0;
  // A digit that is none gives NaN, which no comparison holds for.
  if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)))
    return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59 && ms >= 0)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

/** `0.071200` in micro-USD; `undefined` when the bytes are no plain number of at most six decimals. */
export function scanMicroUsd(bytes: Uint8Array, { start, end }: Span): number | undefined {
  let dot = start;
  while (dot < end && bytes[dot] !== DOT) dot++;
  const decimals = end - dot - 1;
  const dollars = digits(bytes, start, dot - start);
  if (dot === start || dot - start > DOLLAR_DIGITS || decimals > MICRO_DIGITS || decimals === 0)
    return undefined;
  if (decimals < 0) return isNumber(dollars * MICRO_USD_PER_USD);
  const part = digits(bytes, dot + 1, decimals);
  return isNumber(dollars * MICRO_USD_PER_USD + part * 10 ** (MICRO_DIGITS - decimals));
}

function isNumber(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

/** A number of `count` digits; NaN when one is none. */
function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = 10 * value + digit;
  }
  return value;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
