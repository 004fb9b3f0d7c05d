import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { CallInput, CallOutput, Procedure } from '../../common/contracts/index.ts';
import type { ApiError } from './api-error.ts';
import { useConnection } from './connection-context.ts';

/** What a call that tells a list page by page answers. */
interface Page {
  readonly rows: readonly unknown[];
  readonly next: string | number | null;
}
type RowOf<P extends Procedure> = CallOutput<P> extends { rows: (infer Row)[] } ? Row : never;

/** A list does not go on for ever: a server that says so is not believed. */
const MOST_PAGES = 200;
const ROWS_PER_PAGE = 1_000;

/**
 * All rows of a list that comes page by page. What was read is shown until it is read anew.
 * @param cursor name of the parameter that takes `next` of the page before
 * @param options.version reads anew when it becomes another
 */
export function usePages<P extends Procedure>(
  procedure: P,
  params: Readonly<Record<string, string>>,
  cursor: 'after' | 'before',
  options: {
    readonly query?: Readonly<Record<string, string>>;
    readonly refetchMs?: number;
    readonly version?: number;
  } = {},
): UseQueryResult<RowOf<P>[], ApiError> {
  const { client } = useConnection();
  const { query = {}, refetchMs, version } = options;
  return useQuery<RowOf<P>[], ApiError>({
    queryKey: [procedure.path, params, query, version],
    queryFn: async ({ signal }) => {
      const rows: RowOf<P>[] = [];
      let next: Page['next'] = null;
      for (let page = 0; page < MOST_PAGES; page++) {
        const at = { limit: ROWS_PER_PAGE, ...query, ...(next === null ? {} : { [cursor]: next }) };
        const answer = (await client.call(
          procedure,
          { params, query: at } as CallInput<P>,
          signal,
        )) as unknown as Page;
        rows.push(...(answer.rows as RowOf<P>[]));
        next = answer.next;
        if (next === null) break;
      }
      return rows;
    },
    refetchInterval: refetchMs ?? false,
    placeholderData: keepPreviousData,
  });
}
