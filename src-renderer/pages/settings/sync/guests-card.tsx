import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type SyncGuest } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { ConfirmButton } from '../../../components/confirm-button.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { counted } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { useAct, useRead } from '../../../connection/use-call.ts';
import { CreateCode } from './create-code.tsx';

const columns: readonly TableColumn<SyncGuest>[] = [
  { id: 'label', header: 'Name', value: guest => guest.label },
  { id: 'engine', header: 'Engine', value: guest => `${guest.engineName} (${guest.version})` },
  { id: 'rights', header: 'May', value: guest => (guest.mayWrite ? 'read and bring' : 'read') },
  {
    id: 'connected',
    header: 'Connected',
    value: guest => guest.connectedAt,
    cell: guest => <RelativeTime at={guest.connectedAt} />,
  },
  {
    id: 'seen',
    header: 'Last seen',
    value: guest => guest.lastSeenAt,
    cell: guest => (guest.lastSeenAt === null ? 'not yet' : <RelativeTime at={guest.lastSeenAt} />),
  },
  {
    id: 'revoke',
    header: 'Revoke',
    align: 'right',
    value: () => null,
    cell: guest => <RevokeGuest guest={guest} />,
  },
];

/** Engines of others that may come to this one, and the code that lets one in. */
export function GuestsCard() {
  const [isCreating, setCreating] = useState(false);
  const { data, error, refetch } = useRead(api.sync.listGuests, {}, { refetchMs: 15_000 });
  return (
    <Card
      title="Engines that come here"
      padded={false}
      aside={
        <Button size="xs" onClick={() => setCreating(true)}>
          Create a one-time code
        </Button>
      }
    >
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <>
          <DataTable
            label="Engines that come here"
            tools={false}
            rows={data.guests}
            rowKey={({ id }) => id}
            columns={columns}
            empty={
              <Text c="dimmed" ta="center" py="lg">
                No other engine yet. Where this is a server, create a code for each desktop that shares its
                work with it.
              </Text>
            }
          />
          {data.codes.length > 0 ? (
            <Text size="sm" c="dimmed" px="md" py="xs">
              {counted(data.codes.length, 'code')} not used yet:{' '}
              {data.codes.map(({ label }) => label).join(', ')}.
            </Text>
          ) : null}
        </>
      ) : (
        <LoadingRows rows={2} />
      )}
      <CreateCode isOpen={isCreating} onClose={() => setCreating(false)} />
    </Card>
  );
}

function RevokeGuest({ guest }: { readonly guest: SyncGuest }) {
  const revoke = useAct(api.sync.revokeGuest, {
    refresh: [api.sync.listGuests, api.access.listAudit],
    quiet: true,
  });
  return (
    <ConfirmButton
      needs="admin"
      size="compact-xs"
      variant="default"
      label={`Revoke ${guest.label}`}
      title={`Revoke ${guest.label}?`}
      confirmLabel="Revoke"
      isBusy={revoke.isPending}
      error={revoke.error}
      onOpen={() => revoke.reset()}
      onConfirm={close => revoke.mutate({ params: { id: guest.id } }, { onSuccess: close })}
    >
      <Text size="sm">
        The engine “{guest.engineName}” can neither read nor bring anything from now on; what it brought
        stays. To undo, create a new code for it.
      </Text>
    </ConfirmButton>
  );
}
