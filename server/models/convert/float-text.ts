/** A float as Python prints it: `1.0`, `0.5`, `1e+16`, `nan`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  // repr() changes to powers of ten at 1e16 and below 1e-4; JavaScript elsewhere, but with the same digits.
  if (exponent >= 16 || exponent < -4) {
    const [digits = '', power = ''] = value.toExponential().split('e');
    return `${digits}e${power.replace(/^([+-])(\d)$/, '$10$2')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
