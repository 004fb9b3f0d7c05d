import { NumberInput, Select, SimpleGrid, Switch, TextInput } from '@mantine/core';
import type { EngineParameter } from '../../../common/contracts/index.ts';
import { type ParameterValues, valueProblem } from './parameter-values.ts';

interface FieldProps {
  readonly name: string;
  readonly schema: EngineParameter;
  readonly value: ParameterValues[string] | undefined;
  readonly isDisabled: boolean;
  readonly onChange: (value: ParameterValues[string]) => void;
}

/** A form drawn from the JSON schema of an engine's parameters. */
export function ParameterForm(props: {
  readonly properties: Readonly<Record<string, EngineParameter>>;
  readonly values: ParameterValues;
  readonly isDisabled: boolean;
  readonly onChange: (values: ParameterValues) => void;
}) {
  const { properties, values, isDisabled, onChange } = props;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
      {Object.entries(properties).map(([name, schema]) => (
        <Field
          key={name}
          name={name}
          schema={schema}
          value={values[name]}
          isDisabled={isDisabled}
          onChange={value => onChange({ ...values, [name]: value })}
        />
      ))}
    </SimpleGrid>
  );
}

function Field({ name, schema, value, isDisabled, onChange }: FieldProps) {
  const common = {
    label: schema.title ?? name,
    description: schema.description,
    disabled: isDisabled,
  };
  if (schema.type === 'boolean')
    return (
      <Switch
        {...common}
        mt={26}
        checked={value === true}
        onChange={event => onChange(event.currentTarget.checked)}
      />
    );
  if (schema.type === 'string' && schema.enum)
    return (
      <Select
        {...common}
        data={schema.enum}
        value={String(value ?? '')}
        allowDeselect={false}
        onChange={chosen => chosen !== null && onChange(chosen)}
      />
    );
  if (schema.type === 'string')
    return (
      <TextInput
        {...common}
        maxLength={schema.maxLength ?? 200}
        value={String(value ?? '')}
        onChange={event => onChange(event.currentTarget.value)}
      />
    );
  return (
    <NumberInput
      {...common}
      value={typeof value === 'number' || typeof value === 'string' ? value : ''}
      {...(schema.minimum === undefined ? {} : { min: schema.minimum })}
      {...(schema.maximum === undefined ? {} : { max: schema.maximum })}
      clampBehavior="none"
      allowDecimal={schema.type === 'number'}
      error={valueProblem(schema, value)}
      onChange={onChange}
    />
  );
}
