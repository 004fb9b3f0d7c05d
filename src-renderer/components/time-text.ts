import { formatDuration, MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';

// Made once: to make one takes longer than to use it a hundred times, and tables use them by the hundred.
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

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
  return day.format(atMs);
}

/** `23 Nov 2026, 14:05:09 GMT+1` in the reader's zone. */
export function formatExact(atMs: number): string {
  return exact.format(atMs);
}

/** `23 Nov, 14:05:09`: where the year is told beside it. */
export function formatMoment(atMs: number): string {
  return moment.format(atMs);
}
