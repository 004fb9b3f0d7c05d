import { Group, NumberInput, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import type { ModelManifest } from '../../../../common/contracts/index.ts';
import { parseTime } from '../../../../common/units/index.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { FormPart } from './form-part.ts';

const TASKS: Record<ModelManifest['task'], string> = {
  'spot-price': 'Spot price',
  interruption: 'Interruption',
  custom: 'Custom',
};
const TARGETS: readonly (readonly [ModelManifest['target'], string, string])[] = [
  ['log-return', 'Logarithmic return', 'ln(price at the horizon / price now); 0 says that the price stays.'],
  ['price-usd-per-hour', 'Price', 'The price itself at the horizon, in USD per hour.'],
  ['probability', 'Probability', 'That a node of the pool is interrupted within the horizon, 0 to 1.'],
];

/** What the model is called, what it says, and until when it was trained. */
export function MeaningFields({ values, problem, onChange }: FormPart) {
  const trainedUntilMs = parseTime(`${values.trainedUntil}Z`);
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        <TextInput
          label="Name"
          description="Versions of one name belong together"
          withAsterisk
          value={values.name}
          onChange={event => onChange({ name: event.currentTarget.value })}
          error={problem('name')}
        />
        <TextInput
          label="Version"
          description="A version never changes once it is taken in"
          withAsterisk
          value={values.version}
          onChange={event => onChange({ version: event.currentTarget.value })}
          error={problem('version')}
        />
      </Group>
      <Group grow align="flex-start">
        <TextInput
          type="datetime-local"
          label="Trained until (UTC)"
          description="The last moment whose prices the training saw; from it follows the gap"
          withAsterisk
          value={values.trainedUntil}
          onChange={event => onChange({ trainedUntil: event.currentTarget.value })}
          error={problem('trainedUntil')}
          inputContainer={input => (
            <>
              {input}
              {trainedUntilMs === undefined ? null : (
                <Text size="xs" c="dimmed" mt={3}>
                  That is <RelativeTime at={trainedUntilMs} />.
                </Text>
              )}
            </>
          )}
        />
        <Select
          label="Task"
          description="What decisions use it for"
          allowDeselect={false}
          data={Object.entries(TASKS).map(([value, label]) => ({ value, label }))}
          value={values.task}
          onChange={task => task !== null && onChange({ task: task as ModelManifest['task'] })}
          error={problem('task')}
        />
      </Group>
      <Radio.Group
        label="What its output means"
        withAsterisk
        value={values.target}
        onChange={target => onChange({ target: target as ModelManifest['target'] })}
        error={problem('target')}
      >
        <Stack gap={8} mt={6}>
          {TARGETS.map(([value, label, description]) => (
            <Radio key={value} value={value} label={label} description={description} />
          ))}
        </Stack>
      </Radio.Group>
      <Group grow align="flex-start">
        <NumberInput
          label="Horizon in hours"
          description="How far ahead of now its output lies"
          withAsterisk
          min={0}
          max={720}
          value={values.horizonHours}
          onChange={value => onChange({ horizonHours: String(value) })}
          error={problem('horizonHours')}
        />
        <NumberInput
          label="Resolution in minutes"
          description="The grid of times that its features were made on"
          min={1}
          allowDecimal={false}
          value={values.resolutionMinutes}
          onChange={value => onChange({ resolutionMinutes: String(value) })}
          error={problem('resolutionMinutes')}
        />
      </Group>
    </Stack>
  );
}
