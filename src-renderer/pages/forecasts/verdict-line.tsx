import { Text } from '@mantine/core';
import type { ForecastSummary } from '../../../common/contracts/index.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ToneBadge } from '../../components/tone-badge.tsx';

const SERVING: Record<ForecastSummary['serving'], string> = {
  model: 'Good enough to serve',
  persistence: 'Persistence serves',
  advisor: 'The advisor serves',
};

/** Whether the model can be trusted: who serves, and why. */
export function VerdictLine({ summary }: { readonly summary: ForecastSummary }) {
  const { serving, evaluation, risk } = summary;
  const sentence = evaluation?.sentence ?? risk?.sentence ?? nothingYet(summary);
  return (
    <>
      <ToneBadge tone={serving === 'model' ? 'good' : 'neutral'}>{SERVING[serving]}</ToneBadge>{' '}
      <Text span inherit>
        {sentence}
      </Text>
    </>
  );
}

function nothingYet({ task, serving }: ForecastSummary): string {
  if (serving === 'advisor') return 'No Spot node whose fate is known yet; decisions use the advisor’s band.';
  return task === 'spot-price'
    ? 'Nothing was compared yet; decisions use “the last price stays”.'
    : 'Nothing was compared yet.';
}

/** When the model predicted last, and up to when what happened is known. */
export function FreshnessLine({ summary }: { readonly summary: ForecastSummary | undefined }) {
  if (summary === undefined || summary.madeAt === null) return null;
  const { madeAt, comparedUntilMs } = summary;
  return (
    <Text size="sm" c="dimmed">
      Predicted <RelativeTime at={madeAt} />
      {comparedUntilMs === null ? null : (
        <>
          , compared until <RelativeTime at={comparedUntilMs} />
        </>
      )}
    </Text>
  );
}
