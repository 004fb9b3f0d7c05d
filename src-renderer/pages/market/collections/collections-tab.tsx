import { Code, Group, Switch, Text } from '@mantine/core';
import { IconClockPlay } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { api, type Collection } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { ConfirmButton } from '../../../components/confirm-button.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LiveProblem } from '../../../components/live-problem.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { counted, formatCount } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { useMay } from '../../../connection/connection-context.ts';
import { useAct, useRead } from '../../../connection/use-call.ts';
import { useLive } from '../../../connection/use-live.ts';
import { scopeWords } from '../scope-words.ts';
import { CollectionDialog } from './collection-dialog.tsx';

/** What is collected hour by hour from now on, so that the 90 days of EC2 never run out again. */
export function CollectionsTab() {
  const listed = useRead(api.market.listCollections, {});
  const { values, problem } = useLive('collections');
  const [edited, setEdited] = useState<Collection | 'new'>();
  const collections = useMemo(
    () => (values ? [...values.values()] : listed.data?.collections),
    [values, listed.data],
  );
  const columns = useMemo(() => collectionColumns(setEdited), []);
  const add = <RoleButton needs="operator" label="Add a collection" onClick={() => setEdited('new')} />;
  const retention = listed.data?.retentionDays;
  return (
    <>
      <LiveProblem problem={problem} />
      <Card title="Collections" padded={false} aside={collections?.length === 0 ? null : add}>
        {listed.error && !collections ? (
          <ErrorState error={listed.error} onRetry={() => void listed.refetch()} />
        ) : collections === undefined ? (
          <LoadingRows rows={4} />
        ) : (
          <DataTable
            label="Collections"
            rows={collections}
            rowKey={({ id }) => id}
            columns={columns}
            tools={collections.length > 8}
            empty={
              <EmptyState
                icon={<IconClockPlay size={34} stroke={1.4} />}
                title="Nothing is collected"
                text="EC2 forgets prices after 90 days. A collection asks it each hour for what came since, about one request for each region and product, so that history grows from now on. Nothing is asked until somebody adds one."
                action={add}
              />
            }
          />
        )}
      </Card>
      <Text size="sm" c="dimmed">
        {retention === undefined
          ? ''
          : retention === 0
            ? 'Prices are kept for ever, about 22 bytes each.'
            : `Prices older than ${counted(retention, 'day')} are dropped each hour.`}{' '}
        The setting <Code>CLOUDOPTIM_PRICE_RETENTION_DAYS</Code> says how long.
      </Text>
      <CollectionDialog edited={edited} onClose={() => setEdited(undefined)} />
    </>
  );
}

function collectionColumns(onEdit: (collection: Collection) => void): readonly TableColumn<Collection>[] {
  return [
    {
      id: 'on',
      header: 'On',
      value: collection => (collection.isPaused ? 'off' : 'on'),
      cell: collection => <OnSwitch collection={collection} />,
    },
    {
      id: 'scope',
      header: 'What',
      grows: true,
      value: nameOf,
    },
    {
      id: 'last',
      header: 'Last run',
      value: collection => collection.lastRunAt,
      cell: collection =>
        collection.lastRunAt === null ? 'not yet' : <RelativeTime at={collection.lastRunAt} />,
    },
    {
      id: 'new',
      header: 'Rows it brought',
      align: 'right',
      value: collection => (collection.lastRunAt === null ? null : collection.newRows),
      cell: collection => (collection.lastRunAt === null ? '' : formatCount(collection.newRows)),
    },
    {
      id: 'next',
      header: 'Next run',
      value: collection => collection.nextRunAt,
      cell: collection =>
        collection.nextRunAt === null ? 'when it is on' : <RelativeTime at={collection.nextRunAt} />,
    },
    {
      id: 'failures',
      header: 'State',
      value: collection => collection.message ?? 'works',
      cell: collection =>
        collection.message === null ? (
          collection.lastRunAt === null ? (
            'waits'
          ) : (
            'works'
          )
        ) : (
          <Text size="sm" c="var(--co-risk-text)" maw={360} style={{ whiteSpace: 'normal' }}>
            {counted(collection.failures, 'failure')} in a row: {collection.message}
          </Text>
        ),
    },
    {
      id: 'added',
      header: 'Since',
      value: collection => collection.addedAt,
      cell: collection => <RelativeTime at={collection.addedAt} />,
    },
    {
      id: 'actions',
      header: 'Actions',
      value: () => null,
      cell: collection => (
        <Group gap={6} wrap="nowrap">
          <RoleButton
            needs="operator"
            size="compact-sm"
            variant="default"
            label="Edit"
            onClick={() => onEdit(collection)}
          />
          <RemoveButton collection={collection} />
        </Group>
      ),
    },
  ];
}

function OnSwitch({ collection }: { readonly collection: Collection }) {
  const mayAct = useMay('operator');
  const pause = useAct(api.market.pauseCollection, { refresh: [api.market.listCollections] });
  return (
    <Switch
      size="sm"
      aria-label={`Collect ${nameOf(collection)}`}
      checked={!collection.isPaused}
      disabled={!mayAct || pause.isPending}
      onChange={event =>
        pause.mutate({ params: { id: collection.id }, body: { paused: !event.currentTarget.checked } })
      }
    />
  );
}

function RemoveButton({ collection }: { readonly collection: Collection }) {
  const remove = useAct(api.market.removeCollection, { quiet: true, refresh: [api.market.listCollections] });
  return (
    <ConfirmButton
      needs="operator"
      size="compact-sm"
      variant="default"
      label="Remove"
      title="Remove this collection?"
      confirmLabel="Collect this no more"
      isBusy={remove.isPending}
      error={remove.error}
      onOpen={() => remove.reset()}
      onConfirm={close => remove.mutate({ params: { id: collection.id } }, { onSuccess: close })}
    >
      <Text>
        {nameOf(collection)} will not be asked for any more. Prices on disk stay. To undo it, add it again:
        hours that went by meanwhile come with a fill, as long as EC2 keeps them.
      </Text>
    </ConfirmButton>
  );
}

/** What a collection collects. */
function nameOf({ scope }: Collection): string {
  return scope === null ? 'The scopes of all models, whichever there are' : scopeWords(scope);
}
