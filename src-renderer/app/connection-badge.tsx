import { Tooltip } from '@mantine/core';
import { formatDuration } from '../../common/units/index.ts';
import { useNow } from '../components/now.ts';
import { ToneBadge } from '../components/tone-badge.tsx';
import { useLiveState } from '../connection/use-live.ts';

/** Whether what is on the screen is live, and how old it is when it is not. */
export function ConnectionBadge() {
  const { phase, freshAt, since } = useLiveState();
  const nowMs = useNow();
  const age = freshAt === undefined ? undefined : formatDuration(nowMs - freshAt);
  if (phase === 'live')
    return (
      <Badge
        tone="good"
        text="Live"
        hint={`Every change shows at once. Connected for ${formatDuration(nowMs - since)}.`}
      />
    );
  if (phase === 'offline')
    return (
      <Badge
        tone="risk"
        text={age === undefined ? 'Offline' : `Offline, data ${age} old`}
        hint="The engine does not answer. What you see stays readable; it is brought up to date once the engine is back."
      />
    );
  return (
    <Badge
      tone="busy"
      text={phase === 'connecting' ? 'Connecting' : 'Resyncing'}
      hint="Fetching what changed meanwhile."
    />
  );
}

function Badge({
  tone,
  text,
  hint,
}: {
  readonly tone: 'good' | 'risk' | 'busy';
  readonly text: string;
  readonly hint: string;
}) {
  return (
    <Tooltip label={hint}>
      <div role="status" aria-label={`Connection: ${text}`}>
        <ToneBadge tone={tone}>{text}</ToneBadge>
      </div>
    </Tooltip>
  );
}
