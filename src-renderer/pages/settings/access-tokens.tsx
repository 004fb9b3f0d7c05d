import { Button, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { type AccessToken, api } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { useAct, useRead } from '../../connection/use-call.ts';
import { CreateToken } from './create-token.tsx';

const columns: readonly TableColumn<AccessToken>[] = [
  { id: 'label', header: 'Name', value: token => token.label },
  { id: 'role', header: 'Role', value: token => token.role },
  { id: 'scopes', header: 'Reaches', value: token => token.scopes?.join(', ') ?? 'everything' },
  {
    id: 'created',
    header: 'Created',
    value: token => token.createdAt,
    cell: token => <RelativeTime at={token.createdAt} />,
  },
  {
    id: 'used',
    header: 'Last used',
    value: token => token.lastUsedAt,
    cell: token => (token.lastUsedAt === null ? 'never' : <RelativeTime at={token.lastUsedAt} />),
  },
  {
    id: 'expires',
    header: 'Expires',
    value: token => token.expiresAt,
    cell: token => (token.expiresAt === null ? 'never' : <RelativeTime at={token.expiresAt} />),
  },
];

/** Tokens that let people and programs in; secrets are shown once. */
export function AccessTokens() {
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<AccessToken>();
  const tokens = useRead(api.access.listTokens, {});
  const revoke = useAct(api.access.revokeToken, {
    refresh: [api.access.listTokens, api.access.listAudit],
    onDone: () => setRevoking(undefined),
  });
  const withRevoke: readonly TableColumn<AccessToken>[] = [
    ...columns,
    {
      id: 'revoke',
      header: 'Revoke',
      align: 'right',
      value: () => null,
      cell: token => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Revoke ${token.label}`}
          onClick={() => setRevoking(token)}
        >
          Revoke
        </Button>
      ),
    },
  ];
  return (
    <Card
      title="Access tokens"
      padded={false}
      aside={
        <Button size="xs" onClick={() => setCreating(true)}>
          Create a token
        </Button>
      }
    >
      {tokens.error ? (
        <ErrorState error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : tokens.data ? (
        <DataTable
          label="Access tokens"
          tools={false}
          rows={tokens.data.tokens}
          rowKey={({ id }) => id}
          columns={withRevoke}
          empty={
            <Text c="dimmed" ta="center" py="lg">
              No token yet. Create one for each person or program, with the least role that does.
            </Text>
          }
        />
      ) : (
        <LoadingRows rows={2} />
      )}
      <CreateToken isOpen={isCreating} onClose={() => setCreating(false)} />
      <Modal
        opened={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={`Revoke ${revoking?.label ?? ''}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack>
          <Text size="sm">
            Whoever uses it is cut off at once. There is no undo, but you can create a new token at any time.
          </Text>
          <Button
            color="red"
            loading={revoke.isPending}
            onClick={() => revoking && revoke.mutate({ params: { id: revoking.id } })}
          >
            Revoke
          </Button>
        </Stack>
      </Modal>
    </Card>
  );
}
