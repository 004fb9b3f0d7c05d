/** Text of an axis mark with just the decimals that tell marks `step` apart: `0.1725` and `0.1730` at 0.0005. */
export function axisNumber(value: number, step: number): string {
  let decimals = 0;
  while (decimals < 8 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6)
    decimals++;
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A value under the pointer: five significant digits, because Spot prices differ in the fourth decimal. */
export function pointNumber(value: number): string {
  return Number(value.toPrecision(5)).toLocaleString('en-US', { maximumFractionDigits: 8 });
}
