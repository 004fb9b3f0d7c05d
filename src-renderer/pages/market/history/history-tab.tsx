import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { Link, useSearchParams } from 'wouter';
import { api, MOST_POOLS_AT_ONCE } from '../../../../common/contracts/index.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { useNow } from '../../../components/now.ts';
import { counted, formatCount } from '../../../components/number-text.ts';
import { formatDay } from '../../../components/time-text.ts';
import { useRead } from '../../../connection/use-call.ts';
import { NoPrices } from '../no-prices.tsx';
import type { PoolRow } from '../pools/pool-rows.ts';
import { usePoolRows } from '../pools/use-pool-rows.ts';
import { AddPools } from './add-pools.tsx';
import { choiceOf, chosenRows } from './history-address.ts';
import { HistoryPicture } from './history-picture.tsx';
import { rangeOf, windowOf } from './history-window.ts';

/** Buckets in which steps are thinned where there are too many: about the columns of a wide screen. */
const BUCKETS = 2_000;

/** Prices of one pool or a thousand in one picture. */
export function HistoryTab({ onFill }: { readonly onFill: () => void }) {
  const [search] = useSearchParams();
  const { table, rows } = usePoolRows();
  const choice = choiceOf(search);
  const chosen = useChosen(rows, search.toString());
  if (table.error && !rows)
    return (
      <div className="co-card" style={{ padding: 16 }}>
        <ErrorState error={table.error} onRetry={() => void table.refetch()} />
      </div>
    );
  if (rows === undefined || chosen === undefined)
    return (
      <div className="co-card">
        <LoadingRows rows={10} />
      </div>
    );
  if (rows.length === 0) return <NoPrices onFill={onFill} />;
  return (
    <section className="co-card" aria-label="Price history">
      <AddPools rows={rows} choice={choice} chosen={chosen} />
      {chosen.length === 0 ? (
        <EmptyState
          title="No pool is chosen"
          text="Add pools, all zones of a type, or a whole family above; or choose some in the table of pools."
          action={<Link href="/market">Choose in the table</Link>}
        />
      ) : (
        <History rows={chosen} />
      )}
    </section>
  );
}

function useChosen(rows: readonly PoolRow[] | undefined, search: string): readonly PoolRow[] | undefined {
  return useMemo(
    () => rows && chosenRows(choiceOf(new URLSearchParams(search)), rows).slice(0, MOST_POOLS_AT_ONCE),
    [rows, search],
  );
}

function History({ rows }: { readonly rows: readonly PoolRow[] }) {
  const [search] = useSearchParams();
  const nowMs = useNow(300_000);
  const window = windowOf(rangeOf(search.get('range')), rows, nowMs);
  const { fromMs, toMs } = window;
  const keys = useMemo(() => rows.map(({ key }) => key), [rows]);
  const histories = useRead(
    api.market.priceHistories,
    { body: { pools: keys, fromMs, toMs, buckets: BUCKETS } },
    { keepLast: true },
  );
  if (histories.error)
    return (
      <div style={{ padding: 16 }}>
        <ErrorState error={histories.error} onRetry={() => void histories.refetch()} />
      </div>
    );
  if (histories.data === undefined) return <LoadingRows rows={10} />;
  const { steps, records } = histories.data;
  const shown = steps.reduce((sum, { atS }) => sum + atS.length, 0);
  const thinned = steps.filter(({ isThinned }) => isThinned).length;
  return (
    <>
      <HistoryPicture rows={rows} histories={histories.data} isOld={histories.isPlaceholderData} />
      <Text size="sm" c="dimmed" px="md" pb="md">
        {counted(records, 'record')} of {counted(steps.length, 'pool')}; {formatCount(shown)} of them change
        the price and are drawn.
        {thinned > 0
          ? ` ${counted(thinned, 'pool')} ${thinned === 1 ? 'has' : 'have'} more steps than the screen has columns: of each column the first, lowest, highest and last are drawn. A shorter range shows all.`
          : ' Every one is drawn.'}
        {window.endsEarly
          ? ` The picture ends on ${formatDay(toMs)}: nothing newer of these pools is on disk.`
          : ''}
      </Text>
    </>
  );
}
