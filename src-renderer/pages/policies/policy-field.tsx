import {
  Autocomplete,
  Button,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import {
  countedUnit,
  defaultText,
  documentValue,
  durationUnits,
  type FieldSchema,
  freshEntry,
  helpText,
  shownUnit,
  shownValue,
  unitOfDuration,
} from './schema-field.ts';

export type FieldPath = readonly (string | number)[];

/** What all fields of the form share. */
export interface FormState {
  readonly isDisabled: boolean;
  /** Sentences by the path of their field. */
  readonly problems: ReadonlyMap<string, string>;
  readonly change: (path: FieldPath, value: unknown) => void;
}

interface FieldProps {
  readonly schema: FieldSchema;
  readonly value: unknown;
  readonly path: FieldPath;
  readonly form: FormState;
}

const zones = Intl.supportedValuesOf('timeZone');

/** One field of a policy as its schema says: help, unit and default come from there. */
export function PolicyField(props: FieldProps) {
  const { schema, value, path, form } = props;
  const nullable = schema.anyOf?.find(({ type }) => type !== 'null');
  if (nullable) return <OptionalGroup {...props} schema={{ ...nullable, ...labelsOf(schema) }} />;
  if (schema.type === 'object') return <FieldGrid {...props} />;
  if (schema.type === 'array' && schema.items?.type === 'object') return <EntryList {...props} />;
  const common = {
    label: schema.title ?? String(path.at(-1)),
    description: describe(schema),
    disabled: form.isDisabled,
    error: form.problems.get(path.join('.')),
    styles: { root: { display: 'flex', flexDirection: 'column' as const }, description: { flex: 1 } },
  };
  const change = (next: unknown) => form.change(path, next);
  if (schema.type === 'boolean')
    return (
      <Switch
        label={common.label}
        description={common.description}
        disabled={common.disabled}
        error={common.error}
        checked={value === true}
        onChange={event => change(event.currentTarget.checked)}
      />
    );
  if (schema.type === 'array' && schema.items?.enum)
    return (
      <MultiSelect
        {...common}
        data={[...schema.items.enum]}
        value={listOf(value)}
        onChange={next => change(next.length === 0 && path.at(-1) !== 'kinds' ? undefined : next)}
      />
    );
  if (schema.type === 'array')
    return (
      <TagsInput
        {...common}
        placeholder="Enter after each"
        value={listOf(value)}
        onChange={next => change(next.length === 0 ? undefined : next)}
      />
    );
  if (schema.enum)
    return (
      <Select
        {...common}
        allowDeselect={false}
        data={[...schema.enum]}
        value={String(value ?? '')}
        onChange={change}
      />
    );
  if (schema.type === 'number' || schema.type === 'integer')
    return schema.unit === 'milliseconds' ? (
      <DurationField {...props} common={common} />
    ) : (
      <FigureField {...props} common={common} />
    );
  if (path.at(-1) === 'zone')
    return <Autocomplete {...common} limit={12} data={zones} value={String(value ?? '')} onChange={change} />;
  if (schema.format === 'date-time')
    return (
      <TextInput
        {...common}
        type="datetime-local"
        value={localMoment(value)}
        onChange={event => change(isoMoment(event.currentTarget.value))}
      />
    );
  const isTime = schema.unit === 'HH:MM';
  return (
    <TextInput
      {...common}
      {...(isTime ? { type: 'time' } : schema.format === 'date' ? { type: 'date' } : {})}
      value={String(value ?? '')}
      onChange={event =>
        change(event.currentTarget.value === '' && isTime ? undefined : event.currentTarget.value)
      }
    />
  );
}

type Common = { readonly label: string; readonly description: string; readonly disabled: boolean };

function FigureField({ schema, value, path, form, common }: FieldProps & { readonly common: Common }) {
  const unit = shownUnit(schema.unit);
  const shown = typeof value === 'number' ? shownValue(value, unit) : undefined;
  return (
    <NumberInput
      {...common}
      value={shown ?? ''}
      suffix={unit.label === '' ? '' : ` ${countedUnit(shown, unit)}`}
      min={0}
      clampBehavior="none"
      decimalScale={4}
      allowDecimal={unit.factor !== 1}
      onChange={next => form.change(path, typeof next === 'number' ? documentValue(next, unit) : undefined)}
    />
  );
}

function DurationField({ schema, value, path, form, common }: FieldProps & { readonly common: Common }) {
  const first = typeof value === 'number' ? value : Number(schema.default ?? 0);
  const [unit, setUnit] = useState(() => unitOfDuration(first));
  return (
    <Group gap={6} wrap="nowrap" align="flex-end" h="100%">
      <NumberInput
        {...common}
        flex={1}
        h="100%"
        value={typeof value === 'number' ? shownValue(value, unit) : ''}
        min={0}
        clampBehavior="none"
        decimalScale={3}
        onChange={next => form.change(path, typeof next === 'number' ? documentValue(next, unit) : undefined)}
      />
      <Select
        w={92}
        aria-label={`Unit of ${common.label}`}
        disabled={common.disabled}
        allowDeselect={false}
        data={durationUnits.map(({ label }) => label)}
        value={unit.label}
        onChange={label => setUnit(durationUnits.find(one => one.label === label) ?? unit)}
      />
    </Group>
  );
}

/** The fields of an object, beside each other; groups below each other. */
export function FieldGrid({ schema, value, path, form }: FieldProps) {
  const fields = Object.entries(schema.properties ?? {});
  const isGroup = (field: FieldSchema) =>
    field.type === 'object' || field.anyOf !== undefined || field.items?.type === 'object';
  const partOf = (name: string) => (value as Record<string, unknown> | null | undefined)?.[name];
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="lg">
        {fields
          .filter(([, field]) => !isGroup(field))
          .map(([name, field]) => (
            <PolicyField key={name} schema={field} value={partOf(name)} path={[...path, name]} form={form} />
          ))}
      </SimpleGrid>
      {fields
        .filter(([, field]) => isGroup(field))
        .map(([name, field]) => (
          <fieldset key={name} className="co-policy-group">
            <legend>{field.title ?? name}</legend>
            <Stack gap="sm">
              <Text size="sm" c="dimmed">
                {helpText(field)}
              </Text>
              <PolicyField schema={field} value={partOf(name)} path={[...path, name]} form={form} />
            </Stack>
          </fieldset>
        ))}
    </Stack>
  );
}

function EntryList({ schema, value, path, form }: FieldProps) {
  const entries: unknown[] = Array.isArray(value) ? value : [];
  const { items = {} } = schema;
  const title = schema.title ?? '';
  return (
    <Stack gap="md">
      {entries.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an entry has no other name than its place
        <div key={index} className="co-policy-entry">
          <PolicyField schema={items} value={entry} path={[...path, index]} form={form} />
          <Group justify="space-between" mt="sm">
            <Text
              size="sm"
              c="var(--co-risk-text)"
              role={form.problems.has([...path, index].join('.')) ? 'alert' : undefined}
            >
              {form.problems.get([...path, index].join('.'))}
            </Text>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconTrash size={15} aria-hidden />}
              disabled={form.isDisabled}
              onClick={() =>
                form.change(
                  path,
                  entries.filter((_, other) => other !== index),
                )
              }
            >
              Remove {nameOf(entry) === '' ? `entry ${index + 1}` : nameOf(entry)}
            </Button>
          </Group>
        </div>
      ))}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} aria-hidden />}
          disabled={form.isDisabled}
          onClick={() => form.change(path, [...entries, firstEntry(items, path)])}
        >
          Add to {title.toLowerCase()}
        </Button>
        {entries.length === 0 ? (
          <Text size="sm" c="dimmed">
            None yet.
          </Text>
        ) : null}
      </Group>
    </Stack>
  );
}

function OptionalGroup({ schema, value, path, form }: FieldProps) {
  const isOn = value !== null && value !== undefined;
  return (
    <Stack gap="md">
      <Switch
        label={schema.title ?? String(path.at(-1))}
        checked={isOn}
        disabled={form.isDisabled}
        onChange={event => form.change(path, event.currentTarget.checked ? freshEntry(schema) : null)}
      />
      {isOn ? <FieldGrid schema={schema} value={value} path={path} form={form} /> : null}
      {form.problems.has(path.join('.')) ? (
        <Text size="sm" c="var(--co-risk-text)">
          {form.problems.get(path.join('.'))}
        </Text>
      ) : null}
    </Stack>
  );
}

/** A new window begins in the reader's zone. */
function firstEntry(items: FieldSchema, path: FieldPath): unknown {
  const fresh = freshEntry(items) as Record<string, unknown>;
  if (path[0] !== 'windows' || !('zone' in fresh)) return fresh;
  return { ...fresh, zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

function nameOf(entry: unknown): string {
  const name = (entry as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : '';
}

function labelsOf({ title, description }: FieldSchema): FieldSchema {
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
}

function describe(schema: FieldSchema): string {
  const usual = defaultText(schema);
  return usual === undefined ? helpText(schema) : `${helpText(schema)} Default: ${usual}.`;
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** `2026-12-27T08:00` in the reader's zone, as the browser's field has it. */
function localMoment(value: unknown): string {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) return '';
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function isoMoment(local: string): string {
  const at = Date.parse(local);
  return Number.isNaN(at) ? '' : `${new Date(at).toISOString().slice(0, 19)}Z`;
}
