import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { api, type SavingsEntryDetail } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { CapacityBadge } from '../../components/capacity-badge.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { MoneyText, moneyText } from '../../components/money-text.tsx';
import { counted } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useRead } from '../../connection/use-call.ts';
import { intervalColumns } from './interval-columns.tsx';

/** How the figure of one plan was made: nodes, prices with their records and times, every stretch of time that is booked. */
export function EntryDrawer({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { data, error, refetch } = useRead(
    api.savings.getEntry,
    { params: { id } },
    { keepLast: true, refetchMs: 15_000 },
  );
  return (
    <DetailDrawer isOpen onClose={onClose} title={data?.title ?? 'How was this figure made?'}>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingRows />
      ) : (
        <EntryBody entry={data} />
      )}
    </DetailDrawer>
  );
}

function EntryBody({ entry }: { readonly entry: SavingsEntryDetail }) {
  return (
    <>
      <Text component="div" c="dimmed">
        Decided <RelativeTime at={entry.decidedAt} />
        {entry.approval === null ? null : (
          <>
            , approved by {entry.approval.by} <RelativeTime at={entry.approval.at} />
          </>
        )}
        ; began <RelativeTime at={entry.startedAt} />.{' '}
        {entry.endedAt === null ? (
          'It accrues.'
        ) : (
          <>
            Closed <RelativeTime at={entry.endedAt} />. {entry.endedBecause}
          </>
        )}{' '}
        <Link href={`/decisions/${pagePart(entry.planId)}`}>See the plan</Link>
      </Text>
      <Part title="How was this figure made?">
        <Text component="div">
          <b>{moneyText(entry.realizedMicroUsd)}</b> realized, of {moneyText(entry.predictedMicroUsd)}{' '}
          predicted over the same {formatDuration(entry.knownMs)}. The nodes that went would cost{' '}
          {moneyText(entry.counterfactualMicroUsdPerHour, 'hour')}: that is frozen. What runs in their place
          costs{' '}
          <MoneyText
            value={entry.actualMicroUsdPerHour}
            per="hour"
            unknown="The price of a node that came is unknown now."
          />{' '}
          now. The difference is summed over the time that each price was in force.
          {entry.unknownMs === 0
            ? ''
            : ` ${formatDuration(entry.unknownMs)} are left out: a price was unknown, the agent away, or the engine off.`}
        </Text>
      </Part>
      <Part title={`${counted(entry.nodesRemoved.length, 'node')} went`}>
        <Lines>
          {entry.nodesRemoved.map(node => (
            <li key={node.name}>
              <NodeWords node={node} />: <MoneyText value={node.priceMicroUsdPerHour} per="hour" />{' '}
              {node.goesOn
                ? 'goes on, because nobody ended its instance: nothing of it is counted as saved.'
                : 'leaves the bill.'}{' '}
              {node.provenance === null || node.listMicroUsdPerHour === null ? (
                'No record of its price was kept at the decision.'
              ) : (
                <>
                  Its price before agreements was {moneyText(node.listMicroUsdPerHour, 'hour')}:{' '}
                  {node.provenance.source}, as of <RelativeTime at={node.provenance.asOf} />; taken down{' '}
                  <RelativeTime at={entry.frozenAt} />.
                </>
              )}
            </li>
          ))}
        </Lines>
      </Part>
      <Part
        title={
          entry.nodesAdded.length === 0
            ? 'No node came: the pods found room elsewhere'
            : `${counted(entry.nodesAdded.length, 'node')} came`
        }
      >
        <Lines>
          {entry.nodesPromised.map(node => (
            <li key={`${node.instanceType}${node.zone}${node.priceMicroUsdPerHour}`}>
              Promised: {node.instanceType} in {node.zone} at {moneyText(node.priceMicroUsdPerHour, 'hour')};{' '}
              {node.forecastBy} expected {moneyText(node.predictedMicroUsdPerHour, 'hour')}.
            </li>
          ))}
          {entry.nodesAdded.map(node => (
            <li key={node.name}>
              <NodeWords node={node} />:{' '}
              <MoneyText value={node.priceMicroUsdPerHour} per="hour" unknown="It never had a known price." />
              {node.provenance === null ? (
                ''
              ) : (
                <>
                  , {node.provenance.source}, as of <RelativeTime at={node.provenance.asOf} />
                </>
              )}
              ; runs since <RelativeTime at={node.createdAt} />.
            </li>
          ))}
        </Lines>
      </Part>
      <Part title="By engine">
        <Lines>
          {entry.stages.map(stage => (
            <li key={stage.engine}>
              {stage.engine}: {moneyText(stage.realizedMicroUsd)} realized; it promised{' '}
              {moneyText(stage.predictedMicroUsdPerHour, 'hour')}.
            </li>
          ))}
        </Lines>
      </Part>
      {entry.workloads.length === 0 ? null : (
        <Part title="By workload that moved">
          <Lines>
            {entry.workloads.map(({ key, pods, realizedMicroUsd }) => (
              <li key={key}>
                {key}, {counted(pods, 'pod')}: {moneyText(realizedMicroUsd)}
              </li>
            ))}
          </Lines>
        </Part>
      )}
      <Part title="Booked, price by price">
        <DataTable
          label="Booked intervals"
          rows={entry.intervals}
          rowKey={({ fromMs }) => String(fromMs)}
          columns={intervalColumns}
          initialSort={{ id: 'from', desc: true }}
          maxHeight={320}
          isDense
        />
        {entry.intervalsInAll > entry.intervals.length ? (
          <Text size="sm" c="dimmed">
            The last {entry.intervals.length} of {entry.intervalsInAll}; the export of the ledger has all.
          </Text>
        ) : null}
      </Part>
    </>
  );
}

type LedgerNode = Pick<
  SavingsEntryDetail['nodesAdded'][number],
  'name' | 'instanceType' | 'zone' | 'capacityType'
>;

function NodeWords({ node }: { readonly node: LedgerNode }) {
  return (
    <>
      {node.name}, {node.instanceType ?? 'unknown type'} in {node.zone ?? 'an unknown zone'}{' '}
      <CapacityBadge type={node.capacityType} />
    </>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Text fw={620} mb={6}>
        {title}
      </Text>
      {children}
    </section>
  );
}

function Lines({ children }: { readonly children: ReactNode }) {
  return <ul style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 4 }}>{children}</ul>;
}
