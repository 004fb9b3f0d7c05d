import { Text } from '@mantine/core';
import { Link } from 'wouter';
import type { SizingProposal } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu, HOURS_PER_MONTH, usdFromMicroUsd } from '../../../common/units/index.ts';
import { ChangeText } from '../../components/change-text.tsx';
import { SavingText } from '../../components/money-text.tsx';
import { counted } from '../../components/number-text.ts';
import type { TableColumn } from '../../components/table-columns.ts';
import { type Tone, ToneBadge } from '../../components/tone-badge.tsx';
import { UnknownText } from '../../components/unknown-text.tsx';
import { pagePart } from '../../connection/api-path.ts';
import type { ProposalRow, SizedRow } from './sized-row.ts';

const CONFIDENCE: Record<SizingProposal['confidence'], Tone> = { low: 'risk', medium: 'busy', high: 'good' };
const NO_PRICE = 'The price of none of its nodes is known. See the nodes on the page of the cluster.';

const workload: TableColumn<SizedRow> = {
  id: 'workload',
  header: 'Workload',
  grows: true,
  value: ({ sized }) => `${sized.workload.namespace}/${sized.workload.name}`,
  cell: ({ id, sized }) => (
    <Link href={`/rightsizing/${pagePart(id)}`} style={{ fontWeight: 560 }}>
      {sized.workload.namespace}/{sized.workload.name}
    </Link>
  ),
};
const kind: TableColumn<SizedRow> = {
  id: 'kind',
  header: 'Kind',
  value: ({ sized }) => sized.workload.kind,
  hidden: true,
};
const container: TableColumn<SizedRow> = {
  id: 'container',
  header: 'Container',
  value: ({ sized }) => sized.container,
};
const cluster: TableColumn<SizedRow> = {
  id: 'cluster',
  header: 'Cluster',
  value: ({ clusterName }) => clusterName,
};
const reasons: TableColumn<SizedRow> = {
  id: 'reasons',
  header: 'Why',
  grows: true,
  value: ({ sized }) => sized.reasons.map(({ text }) => text).join(' '),
};

/** Columns of what is recommended. What now and then is asked for goes into files as plain figures. */
export const proposalColumns: readonly TableColumn<ProposalRow>[] = [
  workload,
  container,
  kind,
  {
    id: 'cpu',
    header: 'CPU',
    align: 'right',
    value: ({ sized }) => sized.recommended.cpuRequestMilli,
    cell: ({ sized }) => (
      <ChangeText
        now={sized.now.cpuRequestMilli}
        next={sized.recommended.cpuRequestMilli}
        format={formatCpu}
      />
    ),
  },
  {
    id: 'memory',
    header: 'Memory',
    align: 'right',
    value: ({ sized }) => sized.recommended.memoryRequestBytes,
    cell: ({ sized }) => (
      <ChangeText
        now={sized.now.memoryRequestBytes}
        next={sized.recommended.memoryRequestBytes}
        format={formatBytes}
      />
    ),
  },
  {
    id: 'saving',
    header: 'Gives back',
    align: 'right',
    value: ({ sized }) =>
      sized.savingMicroUsdPerHour === null
        ? null
        : usdFromMicroUsd(sized.savingMicroUsdPerHour * HOURS_PER_MONTH),
    cell: ({ sized }) =>
      sized.savingMicroUsdPerHour === null ? (
        <UnknownText reason={NO_PRICE} />
      ) : (
        <SavingText perHour={sized.savingMicroUsdPerHour} />
      ),
  },
  { id: 'pods', header: 'Pods', align: 'right', value: ({ sized }) => sized.replicas },
  {
    id: 'evidence',
    header: 'Evidence',
    value: ({ sized }) => sized.evidence.days,
    cell: ({ sized }) => (
      <ToneBadge tone={CONFIDENCE[sized.confidence]}>
        {sized.confidence}, {counted(sized.evidence.days, 'day')}
      </ToneBadge>
    ),
  },
  {
    id: 'oom',
    header: 'OOM kills',
    align: 'right',
    value: ({ sized }) => sized.used.oomKills,
    cell: ({ sized }) =>
      sized.used.oomKills === 0 ? (
        <Text span inherit c="dimmed">
          0
        </Text>
      ) : (
        <ToneBadge tone="risk">{sized.used.oomKills}</ToneBadge>
      ),
  },
  cluster,
  { ...plain('cpuNow', 'CPU request now (m)', ({ now }) => now.cpuRequestMilli) },
  { ...plain('memoryNow', 'Memory request now (B)', ({ now }) => now.memoryRequestBytes) },
  { ...plain('cpuLimit', 'CPU limit recommended (m)', ({ recommended }) => recommended.cpuLimitMilli) },
  {
    ...plain(
      'memoryLimit',
      'Memory limit recommended (B)',
      ({ recommended }) => recommended.memoryLimitBytes,
    ),
  },
  { ...reasons, hidden: true },
];

/** Columns of what stays as it is. */
export const asIsColumns: readonly TableColumn<SizedRow>[] = [
  workload,
  container,
  kind,
  {
    ...reasons,
    cell: ({ sized }) => (
      <span style={{ whiteSpace: 'normal' }}>{sized.reasons.map(({ text }) => text).join(' ')}</span>
    ),
  },
  {
    id: 'evidence',
    header: 'Evidence',
    value: ({ sized }) => sized.evidence?.days ?? null,
    cell: ({ sized }) => (sized.evidence === null ? 'none' : counted(sized.evidence.days, 'day')),
  },
  cluster,
];

function plain(
  id: string,
  header: string,
  value: (proposal: SizingProposal) => number | null,
): TableColumn<ProposalRow> {
  return { id, header, align: 'right', hidden: true, value: ({ sized }) => value(sized) };
}
