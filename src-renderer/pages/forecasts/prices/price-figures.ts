import type { ForecastSummary } from '../../../../common/contracts/index.ts';
import type { FigureProps } from '../../../components/figures.tsx';
import { formatCount, formatShare, threeDigits } from '../../../components/number-text.ts';
import { percent } from './chart-lines.ts';

const NOT_YET = 'not measured yet: predict and compare';

/** Error, where it counts, and the band, of a model for prices. */
export function priceFigures(summary: ForecastSummary | undefined): FigureProps[] {
  const evaluation = summary?.evaluation;
  const band = evaluation?.band;
  const unknown = summary === undefined ? undefined : 'unknown';
  return [
    {
      label: 'Error against persistence',
      value: evaluation ? (evaluation.mase === null ? 'unknown' : threeDigits(evaluation.mase)) : unknown,
      below: evaluation
        ? evaluation.mase === null
          ? 'persistence made no error'
          : 'MASE; below 1 is better'
        : NOT_YET,
      tone: evaluation?.verdict === 'better' ? 'saving' : undefined,
    },
    {
      label: 'Mean error',
      value: evaluation ? `$${threeDigits(evaluation.maeUsd)}/h` : unknown,
      below: evaluation ? `persistence $${threeDigits(evaluation.baselineMaeUsd)}/h` : 'persistence unknown',
    },
    {
      label: 'Where the price changed',
      value: evaluation ? formatCount(evaluation.changed.points) : unknown,
      below: evaluation
        ? `error $${threeDigits(evaluation.changed.maeUsd)}/h, persistence $${threeDigits(evaluation.changed.baselineMaeUsd)}/h`
        : 'points that changed over the horizon',
    },
    {
      label: 'Prices within the band',
      value: band ? formatShare(band.coverage) : evaluation ? 'no band' : unknown,
      below: band
        ? `${percent(band.nominalCoverage)} should; past changes hold ${formatShare(band.baselineCoverage)}`
        : evaluation
          ? 'the model gives no quantiles'
          : 'not measured yet',
      tone: band?.verdict === 'better' ? 'saving' : undefined,
    },
  ];
}
