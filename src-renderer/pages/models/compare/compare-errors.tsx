import { Text } from '@mantine/core';
import type { ForecastSummary, Model } from '../../../../common/contracts/index.ts';
import { ErrorBars } from '../../../components/error-bars.tsx';
import { counted } from '../../../components/number-text.ts';
import { formatDay } from '../../../components/time-text.ts';
import { ErrorText } from '../error-text.tsx';
import { versionName } from '../model-order.ts';

/** What was measured of two versions, and whether the figures may be held against each other. */
export function CompareErrors(props: {
  readonly pair: readonly [Model, Model];
  readonly summaries: ReadonlyMap<string, ForecastSummary>;
}) {
  const { pair, summaries } = props;
  const measured = pair.map(model => ({ model, summary: summaries.get(model.id) }));
  const [a, b] = measured.map(({ summary }) => summary?.evaluation);
  const isSamePoints =
    a && b && a.fromMs === b.fromMs && a.toMs === b.toMs && a.points === b.points && a.pools === b.pools;
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <div style={{ display: 'grid', gap: 24, gridTemplateColumns: 'repeat(auto-fit, minmax(300px, 1fr))' }}>
        {measured.map(({ model, summary }) => (
          <div key={model.id} style={{ display: 'grid', gap: 8, alignContent: 'start' }}>
            <Text fw={600}>{versionName(model)}</Text>
            <Text component="div" fz={22} fw={650} lh={1.2}>
              <ErrorText summary={summary} />
            </Text>
            {summary?.evaluation ? (
              <>
                <ErrorBars
                  bars={[
                    { label: 'Model', valueUsd: summary.evaluation.maeUsd, colour: '--co-spot' },
                    {
                      label: 'Persistence',
                      valueUsd: summary.evaluation.baselineMaeUsd,
                      colour: '--co-unknown',
                    },
                  ]}
                />
                <Text size="sm" c="dimmed">
                  {counted(summary.evaluation.points, 'point')} of {counted(summary.evaluation.pools, 'pool')}
                  , {formatDay(summary.evaluation.fromMs)} to {formatDay(summary.evaluation.toMs)}
                </Text>
              </>
            ) : (
              <Text size="sm" c="dimmed">
                Not measured yet; “Predict and compare” on the Forecasts page does it.
              </Text>
            )}
          </div>
        ))}
      </div>
      {a && b ? (
        <Text size="sm" c={isSamePoints ? 'dimmed' : 'var(--co-risk-text)'}>
          {isSamePoints
            ? 'Both were measured on the same points.'
            : '⚠ They were measured on different points, so their errors in dollars cannot be held against each other. Each stands against persistence on its own points; an experiment holds both against each other.'}
        </Text>
      ) : null}
    </div>
  );
}
