import { NumberInput, Stack, Text } from '@mantine/core';
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
    <details>
      <summary style={{ cursor: 'pointer', color: 'var(--mantine-color-anchor)' }}>
        Advanced: guardrails
      </summary>
      <Stack gap="sm" mt={10}>
        <Text size="sm" c="dimmed">
          Each of them ends the experiment by itself, and the champion serves everywhere again.
        </Text>
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
      </Stack>
    </details>
  );
}
