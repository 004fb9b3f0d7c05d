import { CloseButton, Text } from '@mantine/core';
import { useState } from 'react';
import { FillProgressPanel } from '../../components/progress-panel.tsx';
import { formatDay } from '../../components/time-text.ts';
import { useLive } from '../../connection/use-live.ts';
import { scopeWords } from './scope-words.ts';

/** Outcomes of what ended since then are shown until they are put away. */
const openedAt = Date.now();
const putAway = new Set<string>();

/** Fills that run, and what came of those that ended while this window was open; also found again on coming back. */
export function RunningFillsCard() {
  const [, refresh] = useState(0);
  const fills = [...(useLive('fills').values?.values() ?? [])].filter(
    ({ jobId, endedAt, collectionId, state }) =>
      state === 'running' ||
      state === 'queued' ||
      (collectionId === null && (endedAt ?? 0) >= openedAt && !putAway.has(jobId)),
  );
  if (fills.length === 0) return null;
  return (
    <section aria-label="Fills that run" className="co-card">
      {fills.map((fill, index) => (
        <div
          key={fill.jobId}
          style={{
            display: 'flex',
            gap: 12,
            alignItems: 'flex-start',
            padding: '12px 16px',
            borderTop: index === 0 ? 0 : '1px solid var(--co-line)',
          }}
        >
          <div style={{ flex: 1, minWidth: 0 }}>
            <Text size="sm" c="dimmed" mb={2}>
              {scopeWords(fill.scope)}; {formatDay(fill.fromMs)} to {formatDay(fill.toMs)}
            </Text>
            <FillProgressPanel fill={fill} />
          </div>
          {fill.endedAt === null ? null : (
            <CloseButton
              aria-label="Put this fill away"
              onClick={() => {
                putAway.add(fill.jobId);
                refresh(count => count + 1);
              }}
            />
          )}
        </div>
      ))}
    </section>
  );
}
