import { useMemo } from 'react';
import { api } from '../../../../common/contracts/index.ts';
import { useRead } from '../../../connection/use-call.ts';
import { type PoolRow, poolRows } from './pool-rows.ts';

/** All pools on disk, read anew each minute; all tabs share the answer. */
export function usePoolRows() {
  const table = useRead(api.market.poolTable, {}, { refetchMs: 60_000 });
  const rows = useMemo(() => table.data && poolRows(table.data), [table.data]);
  const byKey = useMemo(() => new Map<string, PoolRow>(rows?.map(row => [row.key, row])), [rows]);
  return { table, rows, byKey };
}
