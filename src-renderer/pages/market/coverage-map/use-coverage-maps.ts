import { useQueries } from '@tanstack/react-query';
import { api, type CoverageMap } from '../../../../common/contracts/index.ts';
import { toApiError } from '../../../connection/api-error.ts';
import { useConnection } from '../../../connection/connection-context.ts';

/** The maps of some products of a region over the same days; `maps` holds those that have come. */
export function useCoverageMaps(
  region: string,
  products: readonly string[],
  window: { readonly fromMs: number; readonly toMs: number },
) {
  const { client } = useConnection();
  return useQueries({
    queries: products.map(product => {
      const query = { region, product, ...window };
      return {
        queryKey: [api.market.coverageMap.path, { query }],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          client.call(api.market.coverageMap, { query }, signal),
        enabled: region !== '',
        // Time goes on: the map stays, with whatever is open on it, until the one of the new window is there.
        placeholderData: (before: CoverageMap | undefined) =>
          before?.region === region && before.product === product ? before : undefined,
      };
    }),
    combine: results => {
      const failed = results.find(({ error }) => error !== null);
      return {
        maps: results.flatMap(({ data }): CoverageMap[] => (data ? [data] : [])),
        isWhole: results.every(({ data }) => data !== undefined),
        error: failed ? toApiError(failed.error) : undefined,
        refetch: () => {
          for (const result of results) void result.refetch();
        },
      };
    },
  });
}
