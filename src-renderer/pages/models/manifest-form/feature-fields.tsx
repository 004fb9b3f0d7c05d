import { Autocomplete, Button, Group, Pagination, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ModelDraft } from '../../../../common/contracts/index.ts';
import { counted } from '../../../components/number-text.ts';
import { type FieldProblem, problemAt } from './manifest-values.ts';

/** Columns on one screen: more fields at once are slow to draw and to read. */
const PER_SCREEN = 40;

/** Which feature of the catalog each column of the model takes. */
export function FeatureFields(props: {
  readonly columns: ModelDraft['columns'];
  readonly names: readonly string[];
  readonly known: readonly string[];
  /** What an unknown name may have meant. */
  readonly nearMatches: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly FieldProblem[];
  readonly onChange: (names: readonly string[]) => void;
}) {
  const { columns, names, known, nearMatches, problems, onChange } = props;
  const [screen, setScreen] = useState(1);
  const [pasted, setPasted] = useState<string>();
  const from = (screen - 1) * PER_SCREEN;
  const change = (at: number, name: string) =>
    onChange(names.map((each, index) => (index === at ? name : each)));
  const open = names.filter((_, index) => problemAt(problems, `features.${index}`) !== undefined).length;
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, display: 'grid', gap: 10 }}>
      <legend style={{ padding: 0, fontWeight: 620, marginBottom: 2 }}>Features, in the model's order</legend>
      <Group justify="space-between" align="center">
        <Text size="sm" c="dimmed">
          {counted(names.length, 'column')}; each takes one feature of the catalog
          {open === 0 ? '.' : `, ${open} to be named.`}
        </Text>
        <Button
          size="xs"
          variant="default"
          aria-expanded={pasted !== undefined}
          onClick={() => setPasted(pasted === undefined ? names.join('\n') : undefined)}
        >
          {pasted === undefined ? 'Paste all names' : 'Back to the fields'}
        </Button>
      </Group>
      {pasted === undefined ? null : (
        <Textarea
          label="Names of all columns"
          description="One per line, or with commas between, in the model's order"
          autosize
          minRows={4}
          maxRows={12}
          value={pasted}
          onChange={event => {
            const text = event.currentTarget.value;
            setPasted(text);
            const given = text.split(/[\n,]/).map(name => name.trim());
            onChange(names.map((_, index) => given[index] ?? ''));
          }}
        />
      )}
      {problemAt(problems, 'features') === undefined ? null : (
        <Text size="sm" c="var(--co-risk-text)">
          {problemAt(problems, 'features')}
        </Text>
      )}
      {pasted === undefined
        ? names.slice(from, from + PER_SCREEN).map((name, offset) => (
            <FeatureField
              // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place.
              key={from + offset}
              column={from + offset + 1}
              fileName={columns[from + offset]?.name ?? ''}
              nearMatches={nearMatches.get(name) ?? []}
              name={name}
              known={known}
              problem={problemAt(problems, `features.${from + offset}`)}
              onChange={next => change(from + offset, next)}
            />
          ))
        : null}
      {names.length > PER_SCREEN && pasted === undefined ? (
        <Pagination
          total={Math.ceil(names.length / PER_SCREEN)}
          value={screen}
          onChange={setScreen}
          size="sm"
          aria-label="Columns"
          getControlProps={control => ({ 'aria-label': `${control} columns` })}
        />
      ) : null}
    </fieldset>
  );
}

function FeatureField(props: {
  readonly column: number;
  /** As the file calls it; empty where it has no names. */
  readonly fileName: string;
  readonly nearMatches: readonly string[];
  readonly name: string;
  readonly known: readonly string[];
  readonly problem: string | undefined;
  readonly onChange: (name: string) => void;
}) {
  const { column, fileName, nearMatches, name, known, problem, onChange } = props;
  const offered = nearMatches.filter(each => each !== name);
  return (
    <div>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed" w={150} pt={7} truncate title={fileName} style={{ flex: 'none' }}>
          Column {column}
          {fileName === '' ? '' : `: ${fileName}`}
        </Text>
        <Autocomplete
          style={{ flex: 1 }}
          aria-label={`Feature of column ${column}`}
          placeholder="Name of a feature"
          data={[...known]}
          limit={12}
          value={name}
          onChange={onChange}
          error={problem}
        />
      </Group>
      {problem !== undefined && offered.length > 0 ? (
        <Group gap={6} mt={4} pl={162}>
          <Text size="xs" c="dimmed">
            Did you mean
          </Text>
          {offered.map(each => (
            <Button
              key={each}
              size="compact-xs"
              variant="default"
              radius="xl"
              aria-label={`Use ${each} for column ${column}`}
              onClick={() => onChange(each)}
            >
              {each}
            </Button>
          ))}
        </Group>
      ) : null}
    </div>
  );
}
