import { Group, Select, Text, TextInput } from '@mantine/core';
import type { ModelManifest } from '../../../../common/contracts/index.ts';
import { counted } from '../../../components/number-text.ts';
import type { FormPart } from './form-part.ts';
import type { OutputRole, OutputValue } from './output-values.ts';

const ROLES: Readonly<Record<OutputRole, string>> = {
  answer: 'The answer',
  quantile: 'A quantile',
  'change-probability': 'Probability of a change',
  'change-size': 'Size of a change',
  unused: 'Not used',
};

/** What a task can make of a value; what was chosen stays to be seen. */
function rolesFor(task: ModelManifest['task'], own: OutputRole): { value: string; label: string }[] {
  const roles = Object.keys(ROLES) as OutputRole[];
  return roles
    .filter(role => role === own || task !== 'interruption' || role === 'answer' || role === 'unused')
    .map(role => ({
      value: role,
      label: role === 'answer' && task === 'interruption' ? 'The probability' : ROLES[role],
    }));
}

/** What each value of a row is, where the model gives several; nothing where it gives one. */
export function OutputFields({ values, problem, onChange }: FormPart) {
  const { outputs, task } = values;
  if (outputs.length === 0) return null;
  const change = (at: number, next: Partial<OutputValue>) =>
    onChange({ outputs: outputs.map((value, index) => (index === at ? { ...value, ...next } : value)) });
  const wrong = problem('outputs');
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, display: 'grid', gap: 10 }}>
      <legend style={{ padding: 0, fontWeight: 620, marginBottom: 2 }}>Outputs, in the model's order</legend>
      <Text size="sm" c="dimmed">
        {counted(outputs.length, 'value')} for each row.{' '}
        {task === 'interruption'
          ? 'One of them is the probability.'
          : 'One is the answer, or the quantile 0.5 is; or the probability and the size of a change, whose product is the answer.'}
      </Text>
      {outputs.map((output, index) => (
        <Group key={output.name} grow align="flex-start">
          <Select
            label={output.name}
            allowDeselect={false}
            data={rolesFor(task, output.role)}
            value={output.role}
            onChange={role => role !== null && change(index, { role: role as OutputRole })}
          />
          {output.role === 'quantile' ? (
            <TextInput
              label={`Quantile of ${output.name}`}
              inputMode="decimal"
              placeholder="0.9"
              value={output.quantile}
              onChange={event => change(index, { quantile: event.currentTarget.value })}
              error={problem(`outputs.${index}`)}
            />
          ) : (
            <div />
          )}
        </Group>
      ))}
      {wrong === undefined ? null : (
        <Text size="sm" c="var(--co-risk-text)" role="alert">
          {wrong}
        </Text>
      )}
    </fieldset>
  );
}
