import { Link } from 'wouter';
import type { ClusterSummary } from '../../../common/contracts/index.ts';
import { MoneyText } from '../../components/money-text.tsx';
import { formatCount } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { type Tone, ToneBadge } from '../../components/tone-badge.tsx';
import { UnknownText } from '../../components/unknown-text.tsx';
import { pagePart } from '../../connection/api-path.ts';

const STATES: Record<ClusterSummary['state'], { tone: Tone; text: string }> = {
  live: { tone: 'good', text: 'Live' },
  waiting: { tone: 'busy', text: 'Waits for its agent' },
  away: { tone: 'risk', text: 'Agent away' },
  revoked: { tone: 'neutral', text: 'Revoked' },
};

/** State of a cluster's agent in words, or where the cluster went. */
export function ClusterStateBadge({ cluster }: { readonly cluster: Pick<ClusterSummary, 'state' | 'home'> }) {
  const tone = cluster.home?.movedTo ? 'neutral' : STATES[cluster.state].tone;
  return <ToneBadge tone={tone}>{stateText(cluster)}</ToneBadge>;
}

function stateText({ state, home }: Pick<ClusterSummary, 'state' | 'home'>): string {
  return home?.movedTo ? `Moved to ${home.movedTo.name}` : STATES[state].text;
}

/** Why a cluster's cost is not, or not wholly, known. */
export function costUnknownReason(cluster: ClusterSummary): string {
  if (cluster.nodes === 0) return 'The agent has reported no nodes yet.';
  return `The price of ${cluster.nodesWithUnknownPrice} of ${cluster.nodes} nodes is unknown; fill the gap of prices on the Market or Models page.`;
}

/** A cluster with what plans have saved there. */
export interface ClusterRow extends ClusterSummary {
  /** Realized since the month began (UTC), in micro-USD; undefined while it is asked for. */
  readonly savedMicroUsd?: number | undefined;
}

/** Columns of a list of clusters. */
export const clusterColumns: readonly TableColumn<ClusterRow>[] = [
  {
    id: 'name',
    header: 'Cluster',
    value: cluster => cluster.name,
    cell: cluster => (
      <Link href={`/clusters/${pagePart(cluster.id)}`} style={{ fontWeight: 600 }}>
        {cluster.name}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    value: stateText,
    cell: cluster => <ClusterStateBadge cluster={cluster} />,
  },
  {
    id: 'data',
    header: 'Data',
    hint: 'When the agent last reported objects or usage',
    value: cluster => cluster.dataAt ?? null,
    cell: cluster =>
      cluster.dataAt ? (
        <RelativeTime at={cluster.dataAt} />
      ) : (
        <UnknownText reason="The agent has reported nothing yet." />
      ),
  },
  {
    id: 'cost',
    header: 'Cost now',
    align: 'right',
    value: cluster => cluster.costMicroUsdPerHour,
    cell: cluster => (
      <>
        <MoneyText value={cluster.costMicroUsdPerHour} per="hour" unknown={costUnknownReason(cluster)} />
        {cluster.costMicroUsdPerHour !== null && cluster.nodesWithUnknownPrice > 0 ? (
          <>
            {' + '}
            <UnknownText reason={costUnknownReason(cluster)} />
          </>
        ) : null}
      </>
    ),
  },
  {
    id: 'saved',
    header: 'Saved this month',
    csvHeader: 'Saved this month (micro-USD)',
    hint: 'Realized since the month began (UTC), against the frozen counterfactual of each plan',
    align: 'right',
    value: cluster => cluster.savedMicroUsd ?? null,
    cell: cluster => <MoneyText value={cluster.savedMicroUsd} unknown="The ledger has not answered yet." />,
  },
  {
    id: 'nodes',
    header: 'Nodes',
    align: 'right',
    value: cluster => cluster.nodes,
    cell: cluster => formatCount(cluster.nodes),
  },
  { id: 'spot', header: 'Spot', align: 'right', value: cluster => cluster.spotNodes },
  {
    id: 'pods',
    header: 'Pods',
    align: 'right',
    value: cluster => cluster.pods,
    cell: cluster => formatCount(cluster.pods),
  },
  { id: 'pending', header: 'Pending', align: 'right', value: cluster => cluster.pendingPods, hidden: true },
  {
    id: 'cpu',
    header: 'CPU requested',
    value: cluster => cluster.requestedCpuShare,
    cell: cluster => <ShareBar share={cluster.requestedCpuShare} label="CPU" />,
  },
  {
    id: 'memory',
    header: 'Memory requested',
    value: cluster => cluster.requestedMemoryShare,
    cell: cluster => <ShareBar share={cluster.requestedMemoryShare} label="Memory" />,
  },
  {
    id: 'region',
    header: 'Region',
    value: cluster => cluster.region,
    cell: cluster => cluster.region ?? <UnknownText reason="No node has named its region yet." />,
  },
  {
    id: 'seen',
    header: 'Last heard',
    hidden: true,
    value: cluster => cluster.lastSeenAt,
    cell: cluster =>
      cluster.lastSeenAt === null ? (
        <UnknownText reason="The agent has not connected yet." />
      ) : (
        <RelativeTime at={cluster.lastSeenAt} />
      ),
  },
  {
    id: 'agent',
    header: 'Agent',
    value: cluster => cluster.agentVersion,
    hidden: true,
  },
];
