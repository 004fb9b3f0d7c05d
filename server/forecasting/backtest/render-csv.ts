import {
  type BacktestPoolRow,
  backtestPool,
  type RiskBacktestPoolRow,
  riskBacktestPool,
} from '../../../common/contracts/index.ts';
import { writeCsv } from '../../models/index.ts';

/** Pools of a backtest as CSV: USD per hour, percent; an empty cell is unknown. */
export function poolsAsCsv(rows: readonly BacktestPoolRow[]): string {
  return tableAsCsv(Object.keys(backtestPool.shape) as (keyof BacktestPoolRow)[], rows);
}

/** Pools of a backtest of probabilities as CSV: shares 0…1; an empty cell is unknown. */
export function riskPoolsAsCsv(rows: readonly RiskBacktestPoolRow[]): string {
  return tableAsCsv(Object.keys(riskBacktestPool.shape) as (keyof RiskBacktestPoolRow)[], rows);
}

function tableAsCsv<Row>(columns: readonly (keyof Row & string)[], rows: readonly Row[]): string {
  return writeCsv({
    columns: [...columns],
    rows: rows.map(row => columns.map(column => String(row[column] ?? ''))),
  });
}
