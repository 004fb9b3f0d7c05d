import { Stack } from '@mantine/core';
import { Link } from 'wouter';
import type { PlanOutcome, PolicyOpening, PolicyPreview } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { type Tone, ToneBadge } from '../../components/tone-badge.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { Problems } from './policy-yaml.tsx';
import type { PolicyDraft } from './use-policy-draft.ts';
import { momentInZone, ownZone } from './zone-text.ts';

/** When the windows of a policy open next, and what it would do to the plans that are there. */
export function PolicyEffect({ draft }: { readonly draft: PolicyDraft }) {
  const { preview, previewError } = draft;
  if (previewError) return <ErrorState error={previewError} />;
  if (!preview) return <LoadingRows />;
  if (preview.document === null) return <Problems draft={draft} />;
  return (
    <Stack gap="lg" style={{ opacity: draft.isStale ? 0.6 : 1 }}>
      <Card title="Next windows" padded={false}>
        <Openings preview={preview} />
      </Card>
      <Card title="Effect on the present plans" padded={false}>
        <DataTable
          label="Effect on plans"
          rows={preview.plans}
          rowKey={({ planId }) => planId}
          columns={planColumns(draft.content !== undefined)}
          empty={
            <EmptyState
              title="No plan waits"
              text="Plans that wait for approval or for their turn are listed here, with what the policy would make of each."
            />
          }
        />
      </Card>
    </Stack>
  );
}

function Openings({ preview }: { readonly preview: PolicyPreview }) {
  if (preview.isAlwaysOpen === true)
    return (
      <EmptyState
        title="Always open"
        text="There are no windows: plans may start at any time. Add open or closed windows in the form."
      />
    );
  return (
    <DataTable
      label="Next windows"
      rows={preview.openings}
      rowKey={({ opensAt }) => String(opensAt)}
      columns={openingColumns}
      tools={false}
    />
  );
}

const openingColumns: readonly TableColumn<PolicyOpening>[] = [
  {
    id: 'when',
    header: 'When',
    value: ({ opensAt }) => opensAt,
    cell: ({ opensAt }) => (opensAt <= Date.now() ? 'open now' : <RelativeTime at={opensAt} />),
  },
  {
    id: 'opens',
    header: `Opens (${ownZone})`,
    value: ({ opensAt }) => opensAt,
    cell: ({ opensAt }) => momentInZone(opensAt, ownZone),
  },
  {
    id: 'closes',
    header: `Closes (${ownZone})`,
    value: ({ closesAt }) => closesAt,
    cell: ({ closesAt }) => (closesAt === null ? 'no end in sight' : momentInZone(closesAt, ownZone)),
  },
  {
    id: 'own',
    header: 'In the zone of the window',
    grows: true,
    value: ({ windows }) => windows.map(({ zone }) => zone).join(', '),
    cell: ({ opensAt, closesAt, windows }) =>
      [...new Set(windows.map(({ zone }) => zone))]
        .map(
          zone =>
            `${momentInZone(opensAt, zone)} – ${closesAt === null ? '' : momentInZone(closesAt, zone)} ${zone}`,
        )
        .join('; ') || 'any time that is not closed',
  },
  {
    id: 'lasts',
    header: 'Lasts',
    align: 'right',
    value: ({ opensAt, closesAt }) => (closesAt === null ? null : closesAt - opensAt),
    cell: ({ opensAt, closesAt }) => (closesAt === null ? '' : formatDuration(closesAt - opensAt)),
  },
  { id: 'windows', header: 'Windows', value: ({ windows }) => windows.map(({ name }) => name).join(', ') },
];

const TONES: Record<PlanOutcome['verdict'], Tone> = {
  refused: 'risk',
  waits: 'neutral',
  'needs-approval': 'neutral',
  starts: 'good',
};
const WORDS: Record<PlanOutcome['verdict'], string> = {
  refused: 'not wanted',
  waits: 'waits',
  'needs-approval': 'needs approval',
  starts: 'starts',
};

function planColumns(isDraft: boolean): readonly TableColumn<PolicyPreview['plans'][number]>[] {
  const outcome = (one: PlanOutcome) => (
    <span data-tip={one.text}>
      <ToneBadge tone={TONES[one.verdict]}>{WORDS[one.verdict]}</ToneBadge>
    </span>
  );
  return [
    {
      id: 'plan',
      header: 'Plan',
      grows: true,
      value: ({ title }) => title,
      cell: ({ planId, title }) => <Link href={`/decisions/${pagePart(planId)}`}>{title}</Link>,
    },
    { id: 'cluster', header: 'Cluster', value: ({ clusterName }) => clusterName },
    {
      id: 'now',
      header: 'By the saved policy',
      value: ({ now }) => WORDS[now.verdict],
      cell: ({ now }) => outcome(now),
    },
    {
      id: 'changed',
      header: 'By this one',
      hidden: !isDraft,
      value: ({ changed }) => WORDS[changed.verdict],
      cell: ({ changed }) => outcome(changed),
    },
    { id: 'why', header: 'Why', value: ({ changed }) => changed.text, grows: true },
  ];
}
