import type { EngineExperimentResult, EngineGuardrailResult } from '../../../../common/contracts/index.ts';
import type { GuardrailRow } from '../../../components/experiments/guardrail-table.tsx';

const NAMES: Record<EngineGuardrailResult['name'], string> = {
  'invalid-answers': 'Questions without a valid answer',
  'deadline-overruns': 'Answers after the deadline',
  'refused-moves': 'Moves that a rule refuses',
  'moves-per-dollar': 'Pods moved for a saved dollar, times those of the champion',
};

/** The guardrails of an experiment between engines as the table shows them. */
export function engineGuardrailRows({ guardrails }: EngineExperimentResult): GuardrailRow[] {
  return guardrails.map(one => ({ ...one, name: NAMES[one.name], isShare: one.name === 'refused-moves' }));
}
