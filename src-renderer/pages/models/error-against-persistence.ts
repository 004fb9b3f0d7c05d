import type { ForecastSummary } from '../../../common/contracts/index.ts';
import { signedPercent } from '../../components/number-text.ts';

/** How the measured error of a model stands against "the last price stays" on the same points. */
export type ErrorAgainstPersistence =
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'measured';
      /** 100 · (MASE − 1): below 0 the model errs less. */
      readonly percent: number;
      /** `−12.4 %`, or `−0.8 %, no better`. */
      readonly text: string;
      /** Significantly better, so that it may serve. */
      readonly isBetter: boolean;
      readonly sentence: string;
    };

/** What a forecast summary says of the error of its model. */
export function errorAgainstPersistence(summary: ForecastSummary | undefined): ErrorAgainstPersistence {
  const evaluation = summary?.evaluation;
  if (!evaluation) return { kind: 'unknown', reason: whyUnmeasured(summary) };
  const { mase, verdict, sentence } = evaluation;
  if (mase === null)
    return {
      kind: 'unknown',
      reason: `Persistence made no error, so there is none to compare with. ${sentence}`,
    };
  if (verdict === 'too-few-points') return { kind: 'unknown', reason: sentence };
  const percent = 100 * (mase - 1);
  const isBetter = verdict === 'better';
  const text = `${signedPercent(percent)}${isBetter ? '' : ', no better'}`;
  return { kind: 'measured', percent, text, isBetter, sentence };
}

function whyUnmeasured(summary: ForecastSummary | undefined): string {
  if (summary?.task === 'interruption')
    return (
      summary.risk?.sentence ??
      'Probabilities are held against what becomes of Spot nodes; none was seen yet.'
    );
  if (summary === undefined || summary.state === 'none')
    return 'It has not been measured yet. “Predict and compare” on the Forecasts page holds it against persistence.';
  if (summary.state === 'running') return 'It is being measured now.';
  return summary.message ?? 'The last measurement gave no figure.';
}
