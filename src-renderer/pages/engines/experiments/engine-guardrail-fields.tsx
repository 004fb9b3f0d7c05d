import { NumberInput } from '@mantine/core';
import { GuardrailDetails } from '../../../components/experiments/guardrail-details.tsx';
import type { EngineOrderValues } from './engine-order-values.ts';

/** The limits that end an experiment between engines by themselves. */
export function EngineGuardrailFields({
  values,
  onChange,
}: {
  readonly values: EngineOrderValues;
  readonly onChange: (change: Partial<EngineOrderValues>) => void;
}) {
  return (
    <GuardrailDetails after="the champion plans for all its clusters again">
      <NumberInput
        label="Questions without a valid answer"
        min={1}
        max={1000}
        allowDecimal={false}
        value={values.invalidAnswers}
        onChange={value => onChange({ invalidAnswers: Number(value) })}
      />
      <NumberInput
        label="Answers after the deadline"
        min={1}
        max={1000}
        allowDecimal={false}
        value={values.overruns}
        onChange={value => onChange({ overruns: Number(value) })}
      />
      <NumberInput
        label="Moves that a rule refuses, in %"
        description="Of those that the challenger wants"
        min={0}
        max={100}
        value={values.refusedPercent}
        onChange={value => onChange({ refusedPercent: Number(value) })}
      />
      <NumberInput
        label="Pods moved for a saved dollar, times those of the champion"
        min={1}
        max={100}
        value={values.movesFactor}
        onChange={value => onChange({ movesFactor: Number(value) })}
      />
    </GuardrailDetails>
  );
}
