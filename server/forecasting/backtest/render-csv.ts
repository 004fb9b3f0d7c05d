import { type BacktestPoolRow, backtestPool } from '../../../common/contracts/index.ts';
import { writeCsv } from '../../models/index.ts';

/** Pools of a backtest as CSV: USD per hour, percent; an empty cell is unknown. */
export function poolsAsCsv(rows: readonly BacktestPoolRow[]): string {
  const columns = Object.keys(backtestPool.shape) as (keyof BacktestPoolRow)[];
  return writeCsv({
    columns,
    rows: rows.map(row => columns.map(column => String(row[column] ?? ''))),
  });
}
