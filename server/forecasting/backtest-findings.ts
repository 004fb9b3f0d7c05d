import type {
  BacktestPoolRow,
  BacktestReport,
  RiskBacktestPoolRow,
  RiskBacktestReport,
} from '../../common/contracts/index.ts';
import type { BacktestResult, RiskBacktestResult } from './backtest/index.ts';

/** What a backtest found out: of prices, or of probabilities of interruption. */
export type BacktestFindings = BacktestResult | RiskBacktestResult;

/** A report by its task; the other one is `null`. */
export type KeptReport =
  | { readonly report: BacktestReport; readonly riskReport: null }
  | { readonly report: null; readonly riskReport: RiskBacktestReport };

/** Findings as columns of text. */
export function asKept(findings: BacktestFindings): { report: string; pools: string } {
  const [report, pools] =
    'riskReport' in findings ? [findings.riskReport, findings.riskPools] : [findings.report, findings.pools];
  return { report: JSON.stringify(report), pools: JSON.stringify(pools) };
}

/** A report from its column. Reports on prices name no task. */
export function reportFrom(text: string): KeptReport {
  const report = JSON.parse(text) as BacktestReport | RiskBacktestReport;
  return 'task' in report ? { report: null, riskReport: report } : { report, riskReport: null };
}

/** Findings from their columns. */
export function findingsFrom(report: string, pools: string): BacktestFindings {
  const kept = reportFrom(report);
  const rows: unknown = JSON.parse(pools);
  return kept.report === null
    ? { riskReport: kept.riskReport, riskPools: rows as RiskBacktestPoolRow[] }
    : { report: kept.report, pools: rows as BacktestPoolRow[] };
}

/** The sentence with the verdict. */
export function sentenceOfFindings(findings: BacktestFindings): string {
  return 'riskReport' in findings ? findings.riskReport.sentence : findings.report.sentence;
}
