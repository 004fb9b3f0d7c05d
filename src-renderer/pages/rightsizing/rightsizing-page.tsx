import { Text } from '@mantine/core';
import { IconRuler2 } from '@tabler/icons-react';
import { lazy, Suspense, useMemo } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { api, type RightsizingAnswer } from '../../../common/contracts/index.ts';
import { useScope } from '../../app/scope.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { moneyText } from '../../components/money-text.tsx';
import { counted, formatCount } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useReadEach } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { asIsColumns, proposalColumns } from './sized-columns.tsx';
import { isProposal, type SizedRow, sizedRows } from './sized-row.ts';

const SizedDrawer = lazy(() => import('./sized-drawer.tsx').then(m => ({ default: m.SizedDrawer })));

/** Usage is counted every five minutes. */
const REFRESH_MS = 5 * 60_000;

/** What each container asks for, what it should ask for, and what that rests on. */
export function RightsizingPage() {
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const { clusterId } = useScope();
  const clusters = useLive('clusters').values;
  const asked = [...(clusters?.values() ?? [])].filter(
    cluster => cluster.state !== 'waiting' && (clusterId === undefined || cluster.id === clusterId),
  );
  const reads = useReadEach(
    api.rightsizing.recommendations,
    asked.map(cluster => ({ params: { id: cluster.id } })),
    { refetchMs: REFRESH_MS },
  );
  const answers = reads.flatMap(({ data }) => data ?? []);
  const failed = reads.find(({ error }) => error !== null);
  const isLoading = clusters === undefined || reads.some(({ isPending }) => isPending);
  const rows = useMemo(
    () => sizedRows(answers, cluster => clusters?.get(cluster)?.name ?? cluster),
    [answers, clusters],
  );
  const open = (row: SizedRow) => go(`/rightsizing/${pagePart(row.id)}`);
  const currentId = id === undefined ? undefined : decodeURIComponent(id);
  const proposals = rows.filter(isProposal);
  const left = rows.filter(row => !isProposal(row));
  return (
    <>
      <PageHeader
        title="Rightsizing"
        sentence={isLoading ? 'Asking…' : sentenceOf(answers, proposals.length)}
      />
      {failed ? <ErrorState error={failed.error} onRetry={() => void failed.refetch()} /> : null}
      <SizingFigures answers={isLoading ? undefined : answers} />
      <Card title="Recommendations" padded={false}>
        {isLoading ? (
          <LoadingRows />
        ) : (
          <DataTable
            label="Rightsizing"
            rows={proposals}
            rowKey={row => row.id}
            columns={proposalColumns}
            initialSort={{ id: 'saving', desc: true }}
            currentKey={currentId}
            onOpen={open}
            empty={<NoProposals answers={answers} hasClusters={asked.length > 0} />}
          />
        )}
      </Card>
      {left.length === 0 ? null : (
        <Card
          title="What stays as it is"
          padded={false}
          aside={
            <Text size="sm" c="dimmed">
              {counted(left.length, 'container')}
            </Text>
          }
        >
          <DataTable
            label="Containers that stay as they are"
            rows={left}
            rowKey={row => row.id}
            columns={asIsColumns}
            initialSort={{ id: 'workload', desc: false }}
            currentKey={currentId}
            onOpen={open}
            maxHeight={360}
          />
        </Card>
      )}
      {currentId === undefined ? null : (
        <Suspense>
          <SizedDrawer
            row={rows.find(row => row.id === currentId)}
            isLoading={isLoading}
            onClose={() => go('/rightsizing')}
          />
        </Suspense>
      )}
    </>
  );
}

function sentenceOf(answers: readonly RightsizingAnswer[], proposals: number): string {
  const gathering = sum(answers, one => one.gatheringContainers);
  if (proposals === 0 && gathering > 0)
    return `Nothing is recommended yet: evidence is being gathered for ${counted(gathering, 'container')}.`;
  const waiting = gathering === 0 ? '' : ` Evidence is being gathered for ${formatCount(gathering)} more.`;
  const would =
    proposals === 1 ? '1 container should ask' : `${formatCount(proposals)} containers should ask`;
  return `${would} for other amounts than now; nothing is changed by itself.${waiting}`;
}

function SizingFigures({ answers }: { readonly answers: readonly RightsizingAnswer[] | undefined }) {
  const unknown = answers && sum(answers, one => one.proposalsWithUnknownSaving);
  const saving = answers && sum(answers, one => one.savingMicroUsdPerHour);
  const proposals = answers?.flatMap(one => one.proposals);
  const isUnknown = proposals?.length === 0 && sum(answers ?? [], one => one.gatheringContainers) > 0;
  const tight = proposals?.filter(
    ({ now, recommended }) =>
      (recommended.memoryRequestBytes ?? 0) > (now.memoryRequestBytes ?? Number.POSITIVE_INFINITY) ||
      (recommended.cpuRequestMilli ?? 0) > (now.cpuRequestMilli ?? Number.POSITIVE_INFINITY),
  );
  return (
    <Figures
      figures={[
        {
          label: 'To give back',
          // Before anything was measured nothing is known, which is not nothing.
          value: saving === undefined ? undefined : isUnknown ? 'not known yet' : moneyText(saving, 'month'),
          below:
            unknown === undefined || unknown === 0
              ? 'leaves the bill when packing removes nodes'
              : `without ${counted(unknown, 'container')} of unknown price`,
          tone: saving !== undefined && saving > 0 ? 'saving' : undefined,
        },
        {
          label: 'Recommendations',
          value: proposals && (isUnknown ? 'none yet' : formatCount(proposals.length)),
          below:
            proposals && `${formatCount(proposals.filter(one => one.automatic).length)} with full evidence`,
        },
        {
          label: 'Too little now',
          value: isUnknown ? 'not known yet' : tight && formatCount(tight.length),
          below: 'containers that should ask for more',
          tone: tight !== undefined && tight.length > 0 ? 'risk' : undefined,
        },
        {
          label: 'Gathering evidence',
          value: answers && formatCount(sum(answers, one => one.gatheringContainers)),
          below: '3 hours and 100 samples at least',
        },
      ]}
    />
  );
}

function NoProposals({
  answers,
  hasClusters,
}: {
  readonly answers: readonly RightsizingAnswer[];
  readonly hasClusters: boolean;
}) {
  const gathering = sum(answers, one => one.gatheringContainers);
  return (
    <EmptyState
      icon={<IconRuler2 size={34} stroke={1.4} />}
      title={
        !hasClusters
          ? 'No cluster is connected'
          : gathering > 0
            ? 'Evidence is being gathered'
            : 'Nothing to change'
      }
      text={
        !hasClusters
          ? 'Rightsizing compares what containers ask for with what they use.'
          : gathering > 0
            ? `${counted(gathering, 'container')} were measured too little so far. A recommendation takes 3 hours and 100 samples; after a week with a weekend it counts as complete. Usage comes from the metrics server of the cluster.`
            : 'Every container asks for about what it uses. What is looked at is listed below.'
      }
      action={hasClusters ? undefined : <Link href="/clusters">Connect a cluster</Link>}
    />
  );
}

function sum(answers: readonly RightsizingAnswer[], of: (answer: RightsizingAnswer) => number): number {
  return answers.reduce((total, answer) => total + of(answer), 0);
}
