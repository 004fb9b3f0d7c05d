import type { ForecastSummary } from '../../../../common/contracts/index.ts';
import type { FigureProps } from '../../../components/figures.tsx';
import { counted, formatCount, formatShare, threeDigits } from '../../../components/number-text.ts';

/** Skill against the simple rules, and how much was seen, of a model for interruptions. */
export function riskFigures(summary: ForecastSummary | undefined): FigureProps[] {
  const risk = summary?.risk;
  const unknown = summary === undefined ? undefined : 'unknown';
  const skill = (value: number | null | undefined) =>
    value === undefined || value === null
      ? unknown
      : `${value < 0 ? '−' : '+'}${formatShare(Math.abs(value))}`;
  return [
    {
      label: 'Brier skill against base rate',
      value: skill(risk?.baseRate.skill),
      below: risk ? `above 0 is better; score ${threeDigits(risk.brier)}` : 'no node has been compared yet',
      tone: risk?.verdict === 'better' ? 'saving' : undefined,
    },
    {
      label: 'Brier skill against persistence',
      value: skill(risk?.persistence.skill),
      below: risk
        ? `score of persistence ${threeDigits(risk.persistence.brier)}`
        : 'no node has been compared yet',
    },
    {
      label: 'Interruptions seen',
      value: risk ? formatCount(risk.interruptions) : unknown,
      below: risk
        ? `of ${counted(risk.nodes, 'Spot node')} in ${counted(risk.pools, 'pool')}; ${formatCount(risk.censored)} outcomes unknown`
        : 'agents report them',
    },
    {
      label: 'Predictions',
      value: summary === undefined ? undefined : formatCount(summary.predictions),
      below:
        summary === undefined ? '' : `${counted(summary.pools, 'pool')}, ${summary.horizonHours} h ahead`,
    },
  ];
}
