import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../../../common/contracts/index.ts';
import { useLive } from '../../connection/use-live.ts';

const AFFECTED = [
  api.market.poolTable,
  api.market.coverage,
  api.market.coverageMap,
  api.market.priceHistories,
  api.market.priceHistory,
  api.market.analyzeGap,
];

/** Reads prices and coverage anew whenever a fill or an import has ended. */
export function useRefreshAfterJobs(): void {
  const queries = useQueryClient();
  const fills = useLive('fills').values;
  const imports = useLive('imports').values;
  const ended = [...(fills?.values() ?? []), ...(imports?.values() ?? [])].reduce(
    (last, { endedAt }) => Math.max(last, endedAt ?? 0),
    0,
  );
  useEffect(() => {
    if (ended === 0) return;
    for (const { path } of AFFECTED) void queries.invalidateQueries({ queryKey: [path] });
  }, [ended, queries]);
}
