/** Times are integer milliseconds since 1970 UTC (`…Ms`, `at`), unless a name says otherwise. */
export const MS_PER_SECOND = 1_000;
export const MS_PER_MINUTE = 60_000;
export const MS_PER_HOUR = 3_600_000;
export const MS_PER_DAY = 86_400_000;

/** `3 d 4 h`, `12 min`, `45 s`: the two largest parts that matter. */
export function formatDuration(ms: number): string {
  const size = Math.max(0, Math.round(ms / MS_PER_SECOND));
  const days = Math.floor(size / 86_400);
  const hours = Math.floor((size % 86_400) / 3_600);
  const minutes = Math.floor((size % 3_600) / 60);
  if (days >= 10) return `${days} d`;
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return `${minutes} min`;
  return `${size} s`;
}

/** ISO 8601 text or date text to milliseconds; `undefined` when it is no time. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
