import { Radio, Slider, Stack, Text } from '@mantine/core';
import { formatPercent } from '../../../components/number-text.ts';
import { unitWords } from './experiment-words.ts';
import type { OrderValues } from './order-values.ts';

/** What an A/B shares out, and how much of it the challenger serves. */
export function SplitFields({
  values,
  onChange,
}: {
  readonly values: OrderValues;
  readonly onChange: (change: Partial<OrderValues>) => void;
}) {
  return (
    <>
      <Radio.Group
        label="What is shared out"
        value={values.unit}
        onChange={unit => onChange({ unit: unit as OrderValues['unit'] })}
      >
        <Stack gap={8} mt={6}>
          <Radio
            value="cluster"
            label="Whole clusters"
            description="For fleets: every decision of a cluster uses the same model."
          />
          <Radio
            value="workload"
            label="Workloads"
            description="For one or few clusters: the workload that requests most of a node says which model decides about it."
          />
        </Stack>
      </Radio.Group>
      <div>
        <Text size="sm" fw={500} mb={4} id="challenger-share">
          Share of {unitWords(values.unit)} that it serves: {formatPercent(values.sharePercent)}
        </Text>
        <Slider
          aria-labelledby="challenger-share"
          thumbProps={{ 'aria-labelledby': 'challenger-share' }}
          min={5}
          max={95}
          step={5}
          label={null}
          value={values.sharePercent}
          onChange={sharePercent => onChange({ sharePercent })}
        />
      </div>
    </>
  );
}
