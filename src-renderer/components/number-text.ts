/** `12.4 %` of a share 0…1, three significant digits. */
export function formatShare(share: number): string {
  return formatPercent(share * 100);
}

/** `12.4 %` of a figure in percent. */
export function formatPercent(percent: number): string {
  return `${threeDigits(percent)} %`;
}

/** `−12.4 %`, `+3.1 %`, `0 %`. */
export function signedPercent(percent: number): string {
  const text = formatPercent(Math.abs(percent));
  return percent === 0 ? text : `${percent < 0 ? '−' : '+'}${text}`;
}

/** `8,204`, and `1.24 M` from 100,000 up: for counts that nobody reads to the last digit. */
export function formatCount(count: number): string {
  if (Math.abs(count) < 100_000) return Math.round(count).toLocaleString('en-US');
  const inMillions = Math.abs(count) >= 1_000_000;
  return inMillions ? `${threeDigits(count / 1e6)} M` : `${threeDigits(count / 1e3)} k`;
}

/** Three significant digits, never in exponent form: `0.0124`, `12.4`, `1,240`. */
export function threeDigits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 8 }).replace('-', '−');
}

/** `1 plan`, `2 plans`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
