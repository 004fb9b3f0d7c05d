import { formatDuration, MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';

/** `12 s ago`, `in 3 h 20 min`, `just now`; a date from 30 days away. */
export function formatRelative(atMs: number, nowMs: number): string {
  const distance = nowMs - atMs;
  const size = Math.abs(distance);
  if (size < 5_000) return 'just now';
  if (size >= 30 * MS_PER_DAY) return formatDay(atMs);
  const text = formatDuration(size < MS_PER_MINUTE ? size : Math.floor(size / MS_PER_MINUTE) * MS_PER_MINUTE);
  return distance < 0 ? `in ${text}` : `${text} ago`;
}

/** `23 Nov 2026` in the reader's zone. */
export function formatDay(atMs: number): string {
  return new Date(atMs).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `23 Nov 2026, 14:05:09 GMT+1` in the reader's zone. */
export function formatExact(atMs: number): string {
  return new Date(atMs).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}
