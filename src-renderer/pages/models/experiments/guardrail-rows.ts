import type { Experiment, ExperimentResult, GuardrailResult } from '../../../../common/contracts/index.ts';
import type { GuardrailRow } from '../../../components/experiments/guardrail-table.tsx';

const NAMES: Record<GuardrailResult['name'], string> = {
  'worse-than-champion': 'Worse than the champion',
  'missing-predictions': 'Points without a prediction',
  'process-failures': 'Failures of its process',
};

/** The guardrails of an experiment as the table shows them; before the first comparison all are unknown. */
export function guardrailRows(
  { guardrails: { worstRelative, missingShare, failures } }: Pick<Experiment, 'guardrails'>,
  result: ExperimentResult | undefined,
): GuardrailRow[] {
  const unknown = { value: null, breached: false, sentence: 'Nothing has been compared yet.' };
  const all: readonly GuardrailResult[] = result?.guardrails ?? [
    { name: 'worse-than-champion', limit: worstRelative, ...unknown },
    { name: 'missing-predictions', limit: missingShare, ...unknown },
    { name: 'process-failures', limit: failures, ...unknown },
  ];
  return all.map(one => ({ ...one, name: NAMES[one.name], isShare: one.name !== 'process-failures' }));
}
