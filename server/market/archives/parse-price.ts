import { MICRO_USD_PER_USD, microUsdFromUsd } from '../../../common/units/index.ts';

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const [POINT, ZERO] = [46, 48];
/** So many digits stay exact in a double. */
const MOST_DIGITS = 15;
const DECIMALS = 6;

/** A price in USD to micro-USD; `undefined` when it is no number, 0 when it is not above zero (or rounds to that). */
export function parsePrice(text: string): number | undefined {
  const plain = plainMicroUsd(text);
  if (plain !== undefined) return plain;
  return NUMBER.test(text) ? (microUsdFromUsd(text) ?? 0) : undefined;
}

/** Digits with at most six decimals, as nearly all files have them: exact, and without a double in between. */
function plainMicroUsd(text: string): number | undefined {
  if (text.length === 0 || text.length > MOST_DIGITS) return undefined;
  let value = 0;
  let decimals = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === POINT && decimals < 0 && at > 0) decimals = 0;
    else if (code >= ZERO && code <= ZERO + 9) {
      value = 10 * value + code - ZERO;
      if (decimals >= 0) decimals++;
    } else return undefined;
  }
  if (decimals > DECIMALS) return undefined;
  return decimals < 0 ? value * MICRO_USD_PER_USD : value * 10 ** (DECIMALS - decimals);
}
