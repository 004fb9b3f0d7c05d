import { Checkbox, Group, Text } from '@mantine/core';
import { useMemo } from 'react';
import { api, type Model } from '../../../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../../common/units/index.ts';
import { USD_PER_HOUR } from '../../../components/charts/price-chart.tsx';
import { TimeChart } from '../../../components/charts/time-chart.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { useNow } from '../../../components/now.ts';
import { useRemembered } from '../../../components/remembered.ts';
import { useRead } from '../../../connection/use-call.ts';
import { bandLevels, forecastLines, type ShownLines } from './chart-lines.ts';

const DAYS_SHOWN = 10;
const ALL_SHOWN: ShownLines = { band: true, persistence: true, seasonal: false };
const SWITCHES: readonly (readonly [keyof ShownLines, string])[] = [
  ['band', 'Band'],
  ['persistence', 'Persistence'],
  ['seasonal', 'Seasonal'],
];

/** One pool: what happened, what the model said for it and how sure it was, and what simple rules said. */
export function ForecastChart({ model, pool }: { readonly model: Model; readonly pool: string }) {
  const nowMs = useNow(MS_PER_HOUR / 12);
  const [shown, setShown] = useRemembered<ShownLines>('forecasts.shown', ALL_SHOWN);
  const { horizonHours } = model.manifest;
  const query = {
    pool,
    fromMs: nowMs - DAYS_SHOWN * MS_PER_DAY,
    toMs: nowMs + horizonHours * MS_PER_HOUR,
  };
  const series = useRead(
    api.forecasts.forecastSeries,
    { params: { model: model.id }, query },
    { keepLast: true },
  );
  const picture = useMemo(
    () =>
      series.data && forecastLines(series.data.actual, series.data.predictions, nowMs, horizonHours, shown),
    [series.data, nowMs, horizonHours, shown],
  );
  if (series.error) return <ErrorState error={series.error} onRetry={() => void series.refetch()} />;
  if (picture === undefined) return <LoadingRows rows={7} />;
  const predictions = series.data?.predictions ?? [];
  const hasBand = bandLevels(predictions) !== undefined;
  return (
    <div style={{ opacity: series.isPlaceholderData ? 0.55 : 1 }}>
      <Group gap="lg" mb={8} role="group" aria-label="Drawn beside the prediction">
        {SWITCHES.map(([name, label]) => (
          <Checkbox
            key={name}
            size="xs"
            label={label}
            checked={shown[name] && (name !== 'band' || hasBand)}
            disabled={name === 'band' && !hasBand}
            onChange={event => setShown({ ...shown, [name]: event.currentTarget.checked })}
          />
        ))}
        {hasBand || predictions.length === 0 ? null : (
          <Text size="sm" c="dimmed">
            This model gives no quantiles, so there is no band.
          </Text>
        )}
      </Group>
      <TimeChart
        label={`Predicted and actual price of ${pool} over time`}
        lines={picture.lines}
        unit={USD_PER_HOUR}
        nowMs={nowMs}
        height={330}
        between={picture.band && { ...picture.band, colour: '--co-spot', percent: 14 }}
      />
      {predictions.length === 0 ? (
        <Text c="dimmed">No prediction for this pool in this time. “Predict and compare” makes them.</Text>
      ) : null}
    </div>
  );
}
