import { Button, Group, Text, TextInput } from '@mantine/core';
import { memo, useState } from 'react';
import { pointNumber } from '../../../components/charts/axis-number.ts';
import type { StepLine } from '../../../components/charts/steps/step-line.ts';
import { counted, formatCount } from '../../../components/number-text.ts';
import { matchesSearch } from '../../../components/table-columns.ts';
import type { LineColours } from './line-colours.ts';

/** Names drawn at once; a search finds the others. */
const NAMES_SHOWN = 120;
const SEARCH_FROM = 16;

const BY: Readonly<Record<LineColours['by'], string>> = {
  pool: 'pool',
  zone: 'zone',
  type: 'instance type',
  family: 'family',
  product: 'product',
};

/** Every line with its last price; a click switches it off and on, a click with Alt leaves it alone in the picture. */
function Legend(props: {
  readonly lines: readonly StepLine[];
  readonly colours: LineColours;
  readonly hidden: ReadonlySet<string>;
  readonly onHidden: (hidden: ReadonlySet<string>) => void;
  readonly onPoint: (id: string | undefined) => void;
  /** Chosen pools without a price in the window. */
  readonly silent: number;
}) {
  const { lines, colours, hidden, onHidden, onPoint, silent } = props;
  const [search, setSearch] = useState('');
  const found =
    search.trim() === '' ? lines : lines.filter(({ label }) => matchesSearch([label], search.trim()));
  const toggle = (id: string, alone: boolean) => {
    if (alone) return onHidden(new Set(lines.filter(line => line.id !== id).map(line => line.id)));
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    onHidden(next);
  };
  return (
    <div style={{ padding: '8px 16px 10px' }}>
      <Group gap="sm" mb={6}>
        {colours.by === 'pool' ? null : (
          <Text size="sm" c="dimmed">
            Colour: {BY[colours.by]}
          </Text>
        )}
        {colours.groups.map(({ name, colour }) => (
          <Text key={name} size="sm" component="span">
            <span className="co-swatch" style={{ background: `var(${colour})` }} /> {name}
          </Text>
        ))}
        {lines.length > SEARCH_FROM ? (
          <TextInput
            size="xs"
            w={180}
            aria-label="Search the legend"
            placeholder="Search the legend"
            value={search}
            onChange={event => setSearch(event.currentTarget.value)}
          />
        ) : null}
        {lines.length > 1 ? (
          <>
            <Button size="compact-xs" variant="subtle" onClick={() => onHidden(new Set())}>
              Show all
            </Button>
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={() => {
                const next = new Set(lines.map(({ id }) => id));
                if (found.length < lines.length) for (const { id } of found) next.delete(id);
                onHidden(next);
              }}
            >
              {found.length < lines.length ? 'Only those found' : 'Hide all'}
            </Button>
          </>
        ) : null}
        <Text size="sm" c="dimmed" aria-live="polite">
          {hidden.size > 0
            ? `${formatCount(lines.length - hidden.size)} of ${counted(lines.length, 'line')} shown. `
            : ''}
          {silent > 0
            ? `${counted(silent, 'chosen pool')} ${silent === 1 ? 'has' : 'have'} no price in this time.`
            : ''}
        </Text>
      </Group>
      <section
        aria-label="Legend"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        className="co-lines"
      >
        {found.slice(0, NAMES_SHOWN).map(line => (
          <button
            key={line.id}
            type="button"
            aria-pressed={!hidden.has(line.id)}
            title="Switches the line; with Alt it stays alone"
            onClick={event => toggle(line.id, event.altKey)}
            onPointerEnter={() => onPoint(line.id)}
            onPointerLeave={() => onPoint(undefined)}
            onFocus={() => onPoint(line.id)}
            onBlur={() => onPoint(undefined)}
          >
            <span className="co-swatch" style={{ background: line.colour }} />
            <span>{line.label}</span>
            <span style={{ color: 'var(--co-muted)' }}>${pointNumber(line.values.at(-1) ?? 0)}/h</span>
          </button>
        ))}
      </section>
      {found.length > NAMES_SHOWN ? (
        <Text size="sm" c="dimmed" mt={4}>
          {formatCount(found.length - NAMES_SHOWN)} more are drawn; search finds them.
        </Text>
      ) : null}
    </div>
  );
}

/** Zooming and pointing in the picture change nothing in it. */
export const HistoryLegend = memo(Legend);
