import type { RiskEvaluation } from '../../../common/contracts/index.ts';
import { formatCount, formatShare, threeDigits } from '../number-text.ts';
import { UnknownText } from '../unknown-text.tsx';
import type { RiskBin } from './risk-bin.ts';

/** The model beside the simple rules, on the very same points. */
export function BaselineTable({
  risk,
}: {
  readonly risk: Pick<RiskEvaluation, 'brier' | 'logLoss' | 'baseRate' | 'persistence'> &
    Partial<Pick<RiskEvaluation, 'advisor'>>;
}) {
  const lines = [
    { name: 'Model', brier: risk.brier, logLoss: risk.logLoss, skill: undefined },
    { name: 'Base rate', ...risk.baseRate },
    { name: 'Persistence', ...risk.persistence },
    ...(risk.advisor
      ? [{ name: `Advisor, ${formatCount(risk.advisor.points)} points`, ...risk.advisor }]
      : []),
  ];
  return (
    <table className="co-table" aria-label="Model and simple rules">
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col" data-align="right">
            Brier score
          </th>
          <th scope="col" data-align="right">
            Log loss
          </th>
          <th scope="col" data-align="right">
            Model’s skill
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ name, brier, logLoss, skill }) => (
          <tr key={name}>
            <td>{name}</td>
            <td data-align="right">{threeDigits(brier)}</td>
            <td data-align="right">{threeDigits(logLoss)}</td>
            <td data-align="right">{skillText(skill)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function skillText(skill: number | null | undefined) {
  if (skill === undefined) return '';
  if (skill === null)
    return <UnknownText reason="This rule made no error, so there is none to compare with." />;
  return `${skill < 0 ? '−' : '+'}${formatShare(Math.abs(skill))}`;
}

/** What was predicted and what happened, by how high the prediction was, with the counts behind. */
export function CalibrationTable({ bins }: { readonly bins: readonly RiskBin[] }) {
  return (
    <table className="co-table" aria-label="Calibration">
      <thead>
        <tr>
          <th scope="col">Predicted between</th>
          <th scope="col" data-align="right">
            Mean
          </th>
          <th scope="col" data-align="right">
            Happened
          </th>
          <th scope="col" data-align="right">
            Interrupted
          </th>
        </tr>
      </thead>
      <tbody>
        {bins.map(bin => (
          <tr key={bin.from}>
            <td>
              {formatShare(bin.from)} – {formatShare(bin.to)}
            </td>
            <td data-align="right">{formatShare(bin.predicted)}</td>
            <td data-align="right">{formatShare(bin.observed)}</td>
            <td data-align="right">
              {formatCount(bin.happened)} of {formatCount(bin.count)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
