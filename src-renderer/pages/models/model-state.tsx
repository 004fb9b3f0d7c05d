import { Group } from '@mantine/core';
import type { Model } from '../../../common/contracts/index.ts';
import { formatDay } from '../../components/time-text.ts';
import { type Tone, ToneBadge } from '../../components/tone-badge.tsx';

const STATES: Record<Model['state'], { tone: Tone; text: string }> = {
  uploaded: { tone: 'busy', text: 'Uploaded' },
  inspected: { tone: 'busy', text: 'Inspected' },
  'gap-open': { tone: 'on-demand', text: 'Gap open' },
  ready: { tone: 'good', text: 'Ready' },
  active: { tone: 'good', text: 'Active' },
  retired: { tone: 'neutral', text: 'Retired' },
  rejected: { tone: 'risk', text: 'Rejected' },
  faulty: { tone: 'risk', text: 'Faulty' },
};

/** `trained until 12 May 2026, gap of 195 days`. */
export function gapText(model: Model): string {
  const days = Math.round(model.gapDays);
  return `trained until ${formatDay(model.trainedUntilMs)}, gap of ${days} ${days === 1 ? 'day' : 'days'}`;
}

/** `Active, champion`. */
export function stateWords({ state, aliases }: Pick<Model, 'state' | 'aliases'>): string {
  return [STATES[state].text, ...aliases].join(', ');
}

/** State and aliases of a model. */
export function ModelStateBadge({ model }: { readonly model: Model }) {
  const { tone, text } = STATES[model.state];
  return (
    <Group gap={6} wrap="nowrap">
      <ToneBadge tone={tone}>{text}</ToneBadge>
      {model.aliases.map(alias => (
        <ToneBadge key={alias} tone="busy">
          {alias}
        </ToneBadge>
      ))}
    </Group>
  );
}
