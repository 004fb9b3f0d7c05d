import { useNow } from './now.ts';
import { formatExact, formatRelative } from './time-text.ts';

/** A moment as distance from now, with the exact one in the reader's zone on hover. */
export function RelativeTime({ at }: { readonly at: number }) {
  const nowMs = useNow(1_000);
  return (
    <time dateTime={new Date(at).toISOString()} data-tip={formatExact(at)}>
      {formatRelative(at, nowMs)}
    </time>
  );
}
