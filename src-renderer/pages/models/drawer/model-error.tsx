import { Text } from '@mantine/core';
import { Link } from 'wouter';
import type { ForecastSummary, Model } from '../../../../common/contracts/index.ts';
import { ErrorBars } from '../../../components/error-bars.tsx';
import { counted, threeDigits } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { formatDay } from '../../../components/time-text.ts';
import { pagePart } from '../../../connection/api-path.ts';
import { ErrorText } from '../error-text.tsx';
import { DetailPart } from './detail-part.tsx';

/** How a version's predictions did against persistence, with the way to every single one of them. */
export function ModelError({
  model,
  summary,
}: {
  readonly model: Model;
  readonly summary: ForecastSummary | undefined;
}) {
  const evaluation = summary?.evaluation;
  return (
    <DetailPart
      title="Error against persistence"
      aside={
        <span style={{ display: 'flex', gap: 14 }}>
          {model.manifest.task === 'spot-price' ? (
            <Link href={`/forecasts/backtests?new=1&model=${pagePart(model.id)}`}>Test on past prices</Link>
          ) : null}
          <Link href={`/forecasts?model=${pagePart(model.id)}`}>
            {evaluation ? 'See its forecasts' : 'Predict and compare'}
          </Link>
        </span>
      }
    >
      <Text component="div" fz={22} fw={650} lh={1.3}>
        <ErrorText summary={summary} />
      </Text>
      {evaluation ? (
        <div style={{ display: 'grid', gap: 8 }}>
          <Text>{evaluation.sentence}</Text>
          <ErrorBars
            bars={[
              { label: 'This model', valueUsd: evaluation.maeUsd, colour: '--co-spot' },
              { label: 'Persistence', valueUsd: evaluation.baselineMaeUsd, colour: '--co-unknown' },
            ]}
          />
          <Text size="sm" c="dimmed">
            Mean absolute error over {counted(evaluation.points, 'point')} of{' '}
            {counted(evaluation.pools, 'pool')}, {formatDay(evaluation.fromMs)} to{' '}
            {formatDay(evaluation.toMs)}. Where the price changed: ${threeDigits(evaluation.changed.maeUsd)}
            /h, persistence ${threeDigits(evaluation.changed.baselineMaeUsd)}/h.
            {summary.madeAt === null ? null : (
              <>
                {' '}
                Measured <RelativeTime at={summary.madeAt} />.
              </>
            )}
          </Text>
        </div>
      ) : (
        <Text c="dimmed">
          Errors are measured on the prices that appeared since it was trained: they say more than what was
          measured at training time.
        </Text>
      )}
    </DetailPart>
  );
}
