import { Text } from '@mantine/core';
import { DataTable } from '../../../components/data-table.tsx';
import { formatCount, threeDigits } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { type Tone, ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';
import type { Drift, DriftOfInput } from '../drift.ts';
import { DetailPart } from './detail-part.tsx';

const STATES: Record<Drift['state'], { readonly tone: Tone; readonly text: string }> = {
  none: { tone: 'good', text: 'No drift' },
  drifting: { tone: 'risk', text: 'Drifting' },
  unknown: { tone: 'neutral', text: 'Unknown' },
};

const figure = (value: number | null, reason: string) =>
  value === null ? <UnknownText reason={reason} /> : threeDigits(value);
const TOO_FEW = 'There are too few values to test.';

const columns: readonly TableColumn<DriftOfInput>[] = [
  { id: 'feature', header: 'Feature', value: input => input.feature },
  {
    id: 'state',
    header: 'State',
    value: input => (input.drifting ? 'drifting' : 'as before'),
    cell: input => (input.drifting ? <b>▲ drifting</b> : 'as before'),
  },
  {
    id: 'effect',
    header: 'Difference',
    align: 'right',
    value: input => input.effect,
    cell: input => figure(input.effect, TOO_FEW),
  },
  {
    id: 'p',
    header: 'p, adjusted',
    align: 'right',
    value: input => input.pAdjusted,
    cell: input => figure(input.pAdjusted, TOO_FEW),
  },
  {
    id: 'n',
    header: 'Values, then and now',
    align: 'right',
    value: input => input.recentN,
    cell: input => `${formatCount(input.referenceN)}, ${formatCount(input.recentN)}`,
  },
];

/** Whether the world still looks as it did when the model was trained. */
export function ModelDrift({ drift }: { readonly drift: Drift }) {
  const { tone, text } = STATES[drift.state];
  return (
    <DetailPart title="Drift" aside={<ToneBadge tone={tone}>{text}</ToneBadge>}>
      <Text mb={drift.inputs.length === 0 ? 0 : 8}>{drift.sentence}</Text>
      {drift.inputs.length === 0 ? null : (
        <DataTable
          label="Drift of inputs"
          tools={false}
          rows={drift.inputs}
          rowKey={input => input.feature}
          columns={columns}
          maxHeight={320}
        />
      )}
    </DetailPart>
  );
}
