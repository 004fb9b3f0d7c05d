import { Progress, Text } from '@mantine/core';
import type { ContextPlan } from '../../../../common/contracts/index.ts';
import { formatDuration, MS_PER_SECOND } from '../../../../common/units/index.ts';
import { Card } from '../../../components/card.tsx';
import { MoneyText } from '../../../components/money-text.tsx';
import { useNow } from '../../../components/now.ts';
import { counted, formatCount } from '../../../components/number-text.ts';

/** How far a reading is: what is read, how fast, and how long it takes. */
export function ReadingPanel({ progress }: { readonly progress: ContextPlan }) {
  const { state, reading, read, expected, objects, startedAt, bestUsdHour } = progress;
  const passedMs = Math.max(0, useNow(MS_PER_SECOND) - startedAt);
  const isCounted = state === 'reading' && expected !== null && expected > 0;
  return (
    <Card title="How far it is">
      <div role="status" style={{ display: 'grid', gap: 8 }}>
        <Text fw={560}>
          {state === 'signing-in' ? 'Signing in with the credentials of the kubeconfig' : null}
          {state === 'reading'
            ? `Reading ${reading}${isCounted ? `: ${formatCount(read)} of ${formatCount(expected)}` : ''}`
            : null}
          {state === 'planning' ? (
            <>
              Planning for {counted(progress.nodes, 'node')} and {counted(progress.pods, 'pod')}
              {bestUsdHour === null ? null : (
                <>
                  ; the best so far costs <MoneyText value={Math.round(bestUsdHour * 1e6)} per="hour" />
                </>
              )}
            </>
          ) : null}
        </Text>
        <Progress
          value={isCounted ? (100 * read) / expected : 100}
          animated={!isCounted}
          aria-label={state === 'reading' ? `Reading ${reading}` : 'At work'}
        />
        <Text size="sm" c="dimmed">
          {counted(objects, 'object')} in {formatDuration(passedMs)}
          {state === 'reading' && passedMs > MS_PER_SECOND
            ? `, ${formatCount(Math.round(objects / (passedMs / MS_PER_SECOND)))} a second`
            : ''}
        </Text>
      </div>
    </Card>
  );
}
