import { NumberInput } from '@mantine/core';
import { GuardrailDetails } from '../../../components/experiments/guardrail-details.tsx';
import type { OrderValues } from './order-values.ts';

/** The limits that end an experiment by themselves. */
export function GuardrailFields({
  values,
  onChange,
}: {
  readonly values: OrderValues;
  readonly onChange: (change: Partial<OrderValues>) => void;
}) {
  return (
    <GuardrailDetails after="the champion serves everywhere again">
      <NumberInput
        label="Worse than the champion by, in % of the price"
        description="Surely worse by more than this"
        min={0}
        max={100}
        value={values.worstPercent}
        onChange={value => onChange({ worstPercent: Number(value) })}
      />
      <NumberInput
        label="Points without a prediction, in %"
        description="Of those for which the champion has one"
        min={0}
        max={100}
        value={values.missingPercent}
        onChange={value => onChange({ missingPercent: Number(value) })}
      />
      <NumberInput
        label="Failures of its process"
        description="Crashes, and answers that took too long"
        min={1}
        max={1000}
        allowDecimal={false}
        value={values.failures}
        onChange={value => onChange({ failures: Number(value) })}
      />
    </GuardrailDetails>
  );
}
