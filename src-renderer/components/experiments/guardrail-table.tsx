import type { Experiment, ExperimentResult, GuardrailResult } from '../../../../common/contracts/index.ts';
import { formatShare, threeDigits } from '../../../components/number-text.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';

const NAMES: Record<GuardrailResult['name'], string> = {
  'worse-than-champion': 'Worse than the champion',
  'missing-predictions': 'Points without a prediction',
  'process-failures': 'Failures of its process',
};

/** The limits that end an experiment by themselves, and how far each is from that. */
export function GuardrailTable({
  experiment,
  result,
}: {
  readonly experiment: Experiment;
  readonly result: ExperimentResult | undefined;
}) {
  const { worstRelative, missingShare, failures } = experiment.guardrails;
  const unknown = { value: null, breached: false, sentence: 'Nothing has been compared yet.' };
  const rows: readonly GuardrailResult[] = result?.guardrails ?? [
    { name: 'worse-than-champion', limit: worstRelative, ...unknown },
    { name: 'missing-predictions', limit: missingShare, ...unknown },
    { name: 'process-failures', limit: failures, ...unknown },
  ];
  return (
    <table className="co-table" aria-label="Guardrails">
      <thead>
        <tr>
          <th scope="col">Ends it when</th>
          <th scope="col">State</th>
          <th scope="col" data-align="right">
            Now
          </th>
          <th scope="col" data-align="right">
            Limit
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, value, limit, breached, sentence }) => {
          const text = (figure: number) =>
            name === 'process-failures' ? threeDigits(figure) : formatShare(figure);
          return (
            <tr key={name} title={sentence}>
              <td>{NAMES[name]}</td>
              <td>
                {breached ? (
                  <ToneBadge tone="risk">Passed</ToneBadge>
                ) : value === null ? (
                  <ToneBadge tone="neutral">Unknown</ToneBadge>
                ) : (
                  <ToneBadge tone="good">Kept</ToneBadge>
                )}
              </td>
              <td data-align="right">{value === null ? <UnknownText reason={sentence} /> : text(value)}</td>
              <td data-align="right">{text(limit)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
