import { useMemo } from 'react';
import { api, type ForecastSummary } from '../../../common/contracts/index.ts';
import { useRead } from '../../connection/use-call.ts';

const EVERY_MS = 20_000;
const NONE: readonly ForecastSummary[] = [];

/** What was measured of each version, by its id. Read anew every while: one topic for each of many versions is too many. */
export function useForecastSummaries(): ReadonlyMap<string, ForecastSummary> {
  const read = useRead(api.forecasts.forecastSummaries, {}, { refetchMs: EVERY_MS });
  const forecasts = read.data?.forecasts ?? NONE;
  return useMemo(() => new Map(forecasts.map(summary => [summary.modelId, summary])), [forecasts]);
}
