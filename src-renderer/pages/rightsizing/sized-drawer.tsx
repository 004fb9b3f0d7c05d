import { SegmentedControl, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../common/units/index.ts';
import { ChangeText } from '../../components/change-text.tsx';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { SavingText } from '../../components/money-text.tsx';
import { counted } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { UnknownText } from '../../components/unknown-text.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useAct, useRead } from '../../connection/use-call.ts';
import { isProposal, type SizedRow } from './sized-row.ts';

const UsageChart = lazy(() => import('./usage-chart.tsx').then(m => ({ default: m.UsageChart })));

/** A container in full: what changes, why, what it rests on, and what was used day by day. */
export function SizedDrawer({
  row,
  isLoading,
  onClose,
}: {
  readonly row: SizedRow | undefined;
  readonly isLoading: boolean;
  readonly onClose: () => void;
}) {
  const title = row ? `${row.sized.workload.namespace}/${row.sized.workload.name}` : 'Container';
  return (
    <DetailDrawer
      isOpen
      onClose={onClose}
      title={title}
      actions={row && isProposal(row) ? <MakePlan row={row} /> : undefined}
    >
      {row ? (
        <SizedBody row={row} />
      ) : isLoading ? (
        <LoadingRows />
      ) : (
        <EmptyState
          title="This container is not known"
          text="It may have gone, or be in a cluster out of scope."
        />
      )}
    </DetailDrawer>
  );
}

/** One plan for all containers of the workload: they share a template. */
function MakePlan({ row }: { readonly row: SizedRow }) {
  const [, go] = useLocation();
  const make = useAct(api.rightsizing.plan, { onDone: ({ id }) => go(`/decisions/${pagePart(id)}/plan`) });
  const { key, kind } = row.sized.workload;
  const canBeResized = ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind);
  return (
    <>
      <RoleButton
        needs="operator"
        label="Make a plan"
        loading={make.isPending}
        why={canBeResized ? undefined : `A ${kind} has no template whose pods could be replaced one by one.`}
        onClick={() => make.mutate({ params: { id: row.clusterId }, body: { workload: key } })}
      />
      <Text size="sm" c="dimmed" maw={300}>
        For all containers of the workload. Nothing changes before the plan is approved.
      </Text>
    </>
  );
}

function SizedBody({ row }: { readonly row: SizedRow }) {
  const { sized } = row;
  const proposal = isProposal(row) ? row.sized : undefined;
  const next = proposal?.recommended ?? sized.now;
  const { evidence } = sized;
  return (
    <>
      <Text component="div" c="dimmed">
        Container {sized.container} of {sized.workload.kind} {sized.workload.name}, {row.clusterName}
        {proposal ? `; ${counted(proposal.replicas, 'pod')}` : null}
      </Text>
      <section aria-label="Requests and limits">
        <Heading text={proposal ? 'Now and recommended' : 'As it is'} />
        <dl style={{ display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '4px 16px', margin: 0 }}>
          <Fact name="CPU request">
            <ChangeText now={sized.now.cpuRequestMilli} next={next.cpuRequestMilli} format={formatCpu} />
          </Fact>
          <Fact name="CPU limit">
            <ChangeText now={sized.now.cpuLimitMilli} next={next.cpuLimitMilli} format={formatCpu} />
          </Fact>
          <Fact name="Memory request">
            <ChangeText
              now={sized.now.memoryRequestBytes}
              next={next.memoryRequestBytes}
              format={formatBytes}
            />
          </Fact>
          <Fact name="Memory limit">
            <ChangeText now={sized.now.memoryLimitBytes} next={next.memoryLimitBytes} format={formatBytes} />
          </Fact>
          {proposal ? (
            <Fact name={(proposal.savingMicroUsdPerHour ?? 0) < 0 ? 'Takes up' : 'Gives back'}>
              {proposal.savingMicroUsdPerHour === null ? (
                <UnknownText reason="The price of none of its nodes is known." />
              ) : (
                <SavingText perHour={proposal.savingMicroUsdPerHour} />
              )}{' '}
              <Text span size="sm" c="dimmed">
                of the prices of its nodes
                {(proposal.savingMicroUsdPerHour ?? 0) > 0
                  ? '; it leaves the bill when packing removes nodes'
                  : ''}
                {proposal.podsWithUnknownPrice > 0
                  ? `; without ${counted(proposal.podsWithUnknownPrice, 'pod')} on nodes of unknown price`
                  : ''}
              </Text>
            </Fact>
          ) : null}
        </dl>
      </section>
      <section aria-label="Reasons">
        <Heading text="Why" />
        <ul style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 4 }}>
          {sized.reasons.map(({ code, text }) => (
            <li key={code + text}>{text}</li>
          ))}
        </ul>
      </section>
      {evidence === null ? null : (
        <section aria-label="Evidence">
          <Heading text="Evidence" />
          <Text component="div">
            {counted(evidence.days, 'day')} with {counted(evidence.samples, 'sample')}, of them{' '}
            {counted(evidence.weekendDays, 'weekend day')}; {evidence.hours} of 24 hours of the day; first{' '}
            <RelativeTime at={evidence.firstSeenAt} />, last <RelativeTime at={evidence.lastSeenAt} />.
            {proposal?.automatic === true ? ' Complete.' : ' Not enough to act without a person.'}
          </Text>
        </section>
      )}
      <UsageByDay row={row} />
    </>
  );
}

function UsageByDay({ row }: { readonly row: SizedRow }) {
  const [resource, setResource] = useState<'cpu' | 'memory'>('cpu');
  const { sized } = row;
  const { data, error, refetch } = useRead(api.rightsizing.usage, {
    params: { id: row.clusterId },
    query: { workload: sized.workload.key, container: sized.container },
  });
  const used = isProposal(row) ? row.sized.used : undefined;
  return (
    <section aria-label="Usage by day">
      <div style={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between' }}>
        <Heading text="Usage by day" />
        <SegmentedControl
          size="xs"
          aria-label="Resource"
          value={resource}
          onChange={value => setResource(value as 'cpu' | 'memory')}
          data={[
            { value: 'cpu', label: 'CPU' },
            { value: 'memory', label: 'Memory' },
          ]}
        />
      </div>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingRows />
      ) : data.days.length === 0 ? (
        <Text c="dimmed">Nothing was measured so far.</Text>
      ) : (
        <Suspense fallback={<LoadingRows />}>
          <UsageChart
            days={data.days}
            resource={resource}
            now={resource === 'cpu' ? sized.now.cpuRequestMilli : sized.now.memoryRequestBytes}
            next={
              isProposal(row)
                ? resource === 'cpu'
                  ? row.sized.recommended.cpuRequestMilli
                  : row.sized.recommended.memoryRequestBytes
                : null
            }
          />
        </Suspense>
      )}
      <Text size="sm" c="dimmed" component="div" mt={6}>
        {used?.startUpMemoryBytes == null || used.startUpCpuMilli === null
          ? 'No start was seen.'
          : `To start it took up to ${formatCpu(used.startUpCpuMilli)} and ${formatBytes(used.startUpMemoryBytes)}.`}
        {data && data.oomKills.length > 0 ? (
          <ul style={{ margin: '6px 0 0', paddingLeft: 20 }}>
            {data.oomKills.map(({ at, memoryBytes }) => (
              <li key={at}>
                Killed for want of memory <RelativeTime at={at} />,{' '}
                {memoryBytes === null
                  ? 'without a limit of its own'
                  : `at its limit of ${formatBytes(memoryBytes)}`}
              </li>
            ))}
          </ul>
        ) : null}
      </Text>
    </section>
  );
}

function Heading({ text }: { readonly text: string }) {
  return (
    <Text component="h3" fw={620} m={0} mb={6}>
      {text}
    </Text>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt style={{ color: 'var(--co-muted)' }}>{name}</dt>
      <dd style={{ margin: 0 }}>{children}</dd>
    </>
  );
}
