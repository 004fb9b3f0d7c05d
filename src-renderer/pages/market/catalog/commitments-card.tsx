import { Button, Code, Group, Select, Text } from '@mantine/core';
import { IconReceipt } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import {
  api,
  type CommitmentsSummary,
  commitmentsUploadPath,
  type EffectivePriceLine,
} from '../../../../common/contracts/index.ts';
import { formatUsdPerHour, formatUsdPerMonth } from '../../../../common/units/index.ts';
import { Card } from '../../../components/card.tsx';
import { ConfirmButton } from '../../../components/confirm-button.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { MoneyText } from '../../../components/money-text.tsx';
import { counted, formatCount, formatShare } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { pickFiles } from '../../../connection/pick-files.ts';
import { useAct, useRead } from '../../../connection/use-call.ts';
import { useUpload } from '../../../connection/use-upload.ts';
import { commitmentColumns, commitmentRows } from './commitment-rows.tsx';
import { UploadOutcome } from './upload-outcome.tsx';

const AFFECTED = [
  api.market.commitments,
  api.market.catalog,
  api.market.poolTable,
  api.market.effectivePrices,
];

/** Savings Plans, Reserved Instances and discounts: send the file, see what was understood and what it does. */
export function CommitmentsCard({ regions }: { readonly regions: readonly string[] }) {
  const read = useRead(api.market.commitments, {});
  const upload = useUpload<CommitmentsSummary>(commitmentsUploadPath, AFFECTED);
  const known = read.data?.commitments;
  const send = (
    <RoleButton
      needs="admin"
      size="xs"
      variant={known ? 'default' : 'filled'}
      label={known ? 'Replace by a file' : 'Send a file'}
      onClick={() => pickFiles('.json,.csv', ([file]) => file && upload.send(file), { several: false })}
    />
  );
  return (
    <Card
      title="Commitments"
      aside={
        known ? (
          <>
            {send}
            <ForgetButton />
          </>
        ) : null
      }
    >
      <div style={{ display: 'grid', gap: 12 }}>
        <UploadOutcome
          state={upload.state}
          onCancel={upload.cancel}
          onForget={upload.forget}
          words={({ totals }) =>
            `understood; ${formatUsdPerHour(totals.committedMicroUsdPerHour)} are committed.`
          }
        />
        {read.error ? (
          <ErrorState error={read.error} onRetry={() => void read.refetch()} />
        ) : known === undefined ? (
          <LoadingRows rows={3} />
        ) : known === null ? (
          <EmptyState
            icon={<IconReceipt size={30} stroke={1.4} />}
            title="List prices hold"
            text={
              <>
                Send the Savings Plans, Reserved Instances and discounts of your organisation as JSON or CSV,
                and on-demand prices become what is really charged. <Code>docs/guides/catalog.md</Code> has
                the form.
              </>
            }
            action={send}
          />
        ) : (
          <Understood commitments={known} regions={regions} />
        )}
      </div>
    </Card>
  );
}

function ForgetButton() {
  const forget = useAct(api.market.deleteCommitments, { quiet: true, refresh: AFFECTED });
  return (
    <ConfirmButton
      needs="admin"
      size="xs"
      variant="default"
      label="Forget them"
      title="Forget the commitments?"
      confirmLabel="Forget the commitments"
      isBusy={forget.isPending}
      error={forget.error}
      onOpen={() => forget.reset()}
      onConfirm={close => forget.mutate({}, { onSuccess: close })}
    >
      <Text>
        List prices hold from then on, in plans and savings too. To undo it, send the file again: CloudOptim
        keeps no copy of it.
      </Text>
    </ConfirmButton>
  );
}

function Understood(props: {
  readonly commitments: CommitmentsSummary;
  readonly regions: readonly string[];
}) {
  const { commitments, regions } = props;
  const { provenance, totals } = commitments;
  const rows = useMemo(() => commitmentRows(commitments), [commitments]);
  return (
    <>
      <Text>
        {counted(commitments.savingsPlans.length, 'Savings Plan')},{' '}
        {counted(commitments.reservedInstances.length, 'line')} of Reserved Instances and{' '}
        {counted(commitments.discounts.length, 'discount')}, from {provenance.source},{' '}
        <RelativeTime at={provenance.asOf} />: {formatUsdPerHour(totals.committedMicroUsdPerHour)} (
        {formatUsdPerMonth(totals.committedMicroUsdPerHour)}) are paid, used or not.
        {totals.notInForce > 0 ? ` ${counted(totals.notInForce, 'line')} not in force now.` : ''}
      </Text>
      <DataTable
        label="Commitments"
        rows={rows}
        rowKey={({ key }) => key}
        columns={commitmentColumns}
        tools={rows.length > 8}
        maxHeight={280}
      />
      <Effects regions={regions} start={firstRegion(commitments, regions)} />
    </>
  );
}

const SHOWN = 12;

/** On-demand prices that the commitments change in a region. */
function Effects({ regions, start }: { readonly regions: readonly string[]; readonly start: string }) {
  const [region, setRegion] = useState(start);
  const [isWhole, setWhole] = useState(false);
  const effects = useRead(api.market.effectivePrices, { query: { region } }, { keepLast: true });
  return (
    <section aria-label="What they do to prices">
      <Group gap="sm" mb={6}>
        <Text fw={560}>What they do to on-demand prices</Text>
        <Select
          size="xs"
          w={150}
          aria-label="Region of the effects"
          allowDeselect={false}
          searchable
          data={[...regions]}
          value={region}
          onChange={next => next !== null && setRegion(next)}
        />
      </Group>
      {effects.error ? (
        <ErrorState error={effects.error} onRetry={() => void effects.refetch()} />
      ) : effects.data === undefined ? (
        <LoadingRows rows={3} />
      ) : effects.data.prices.length === 0 ? (
        <Text c="dimmed">
          {effects.data.types === 0
            ? `No list price of ${region} is known, so nothing can be said; refresh the list prices.`
            : `No price of ${counted(effects.data.types, 'type')} in ${region} is changed.`}
        </Text>
      ) : (
        <>
          <Text size="sm" c="dimmed" mb={4}>
            {counted(effects.data.prices.length, 'type')} of {formatCount(effects.data.types)} with a known
            price, Linux, each alone with all commitments; nodes that run share them.
          </Text>
          <DataTable
            label="Effective prices"
            rows={isWhole ? effects.data.prices : effects.data.prices.slice(0, SHOWN)}
            rowKey={({ instanceType }) => instanceType}
            columns={effectColumns}
            tools={isWhole}
            maxHeight={360}
          />
          {!isWhole && effects.data.prices.length > SHOWN ? (
            <Button size="compact-sm" variant="subtle" onClick={() => setWhole(true)}>
              Show all {effects.data.prices.length}
            </Button>
          ) : null}
        </>
      )}
    </section>
  );
}

const effectColumns: readonly TableColumn<EffectivePriceLine>[] = [
  { id: 'type', header: 'Instance type', value: line => line.instanceType },
  {
    id: 'list',
    header: 'List price',
    csvHeader: 'List price, USD/h',
    align: 'right',
    value: line => (line.listMicroUsdPerHour === null ? null : line.listMicroUsdPerHour / 1e6),
    cell: line => (
      <MoneyText value={line.listMicroUsdPerHour} per="hour" unknown="The catalog has no list price of it." />
    ),
  },
  {
    id: 'effective',
    header: 'Charged at',
    csvHeader: 'Charged at, USD/h',
    align: 'right',
    value: line => line.effectiveMicroUsdPerHour / 1e6,
    cell: line => formatUsdPerHour(line.effectiveMicroUsdPerHour),
  },
  {
    id: 'less',
    header: 'Less',
    csvHeader: 'Less, percent',
    align: 'right',
    value: line => (line.listMicroUsdPerHour === null ? null : Number((100 * lessOf(line)).toPrecision(4))),
    cell: line => (line.listMicroUsdPerHour === null ? '' : formatShare(lessOf(line))),
  },
  { id: 'parts', header: 'Made of', grows: true, value: line => line.parts.join('; ') },
];

function lessOf({ listMicroUsdPerHour, effectiveMicroUsdPerHour }: EffectivePriceLine): number {
  return listMicroUsdPerHour ? 1 - effectiveMicroUsdPerHour / listMicroUsdPerHour : 0;
}

/** A region that the file is about, so that the first look shows something. */
function firstRegion(commitments: CommitmentsSummary, regions: readonly string[]): string {
  const named = [
    ...commitments.reservedInstances,
    ...commitments.savingsPlans,
    ...commitments.discounts,
  ].find(({ region }) => region !== null && regions.includes(region));
  return named?.region ?? (regions.includes('us-east-1') ? 'us-east-1' : (regions[0] ?? 'us-east-1'));
}
