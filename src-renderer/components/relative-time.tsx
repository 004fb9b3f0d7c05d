import { MS_PER_MINUTE } from '../../common/units/index.ts';
import { useNow } from './now.ts';
import { formatExact, formatRelative } from './time-text.ts';

/** A moment as distance from now, with the exact one in the reader's zone on hover. */
export function RelativeTime({ at }: { readonly at: number }) {
  const nowMs = useNow(1_000);
  const isRecent = Math.abs(nowMs - at) < MS_PER_MINUTE;
  const text = formatRelative(at, isRecent ? nowMs : Math.floor(nowMs / MS_PER_MINUTE) * MS_PER_MINUTE);
  return (
    <time dateTime={new Date(at).toISOString()} data-tip={formatExact(at)}>
      {text}
    </time>
  );
}
