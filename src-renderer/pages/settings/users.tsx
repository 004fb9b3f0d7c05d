import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type User } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { useAct, useRead } from '../../connection/use-call.ts';
import { UserForm } from './user-form.tsx';

const columns: readonly TableColumn<User>[] = [
  { id: 'name', header: 'Name', value: user => user.name },
  { id: 'role', header: 'Role', value: user => user.role },
  {
    id: 'created',
    header: 'Created',
    value: user => user.createdAt,
    cell: user => <RelativeTime at={user.createdAt} />,
  },
  {
    id: 'signed-in',
    header: 'Last signed in',
    value: user => user.lastSignInAt,
    cell: user => (user.lastSignInAt === null ? 'never' : <RelativeTime at={user.lastSignInAt} />),
  },
];

/** People who sign in with a name and a password. */
export function Users() {
  const [form, setForm] = useState<User | 'new'>();
  const users = useRead(api.users.listUsers, {});
  const remove = useAct(api.users.removeUser, {
    refresh: [api.users.listUsers, api.users.listSessions, api.access.listAudit],
    quiet: true,
  });
  const withActions: readonly TableColumn<User>[] = [
    ...columns,
    {
      id: 'actions',
      header: 'Change',
      align: 'right',
      value: () => null,
      cell: user => (
        <Group gap={6} justify="flex-end" wrap="nowrap">
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Change ${user.name}`}
            onClick={() => setForm(user)}
          >
            Change
          </Button>
          <ConfirmButton
            size="compact-xs"
            variant="default"
            needs="admin"
            label={`Remove ${user.name}`}
            title={`Remove ${user.name}`}
            confirmLabel={`Remove ${user.name}`}
            isBusy={remove.isPending}
            error={remove.error}
            onOpen={() => remove.reset()}
            onConfirm={close => remove.mutate({ params: { id: user.id } }, { onSuccess: close })}
          >
            <Text size="sm">
              The sessions of {user.name} end at once. What they did stays in the audit log. You can make a
              user of the same name again.
            </Text>
          </ConfirmButton>
        </Group>
      ),
    },
  ];
  return (
    <Card
      title="Users"
      padded={false}
      aside={
        <Button size="xs" onClick={() => setForm('new')}>
          Create a user
        </Button>
      }
    >
      {users.error ? (
        <ErrorState error={users.error} onRetry={() => void users.refetch()} />
      ) : users.data ? (
        <DataTable
          label="Users"
          tools={false}
          rows={users.data.users}
          rowKey={({ id }) => id}
          columns={withActions}
          empty={
            <Text c="dimmed" ta="center" py="lg">
              No user yet. Create one for each person, with the least role that does.
            </Text>
          }
        />
      ) : (
        <LoadingRows rows={2} />
      )}
      {form === undefined ? null : (
        <UserForm
          key={form === 'new' ? 'new' : form.id}
          user={form === 'new' ? undefined : form}
          onClose={() => setForm(undefined)}
        />
      )}
    </Card>
  );
}
