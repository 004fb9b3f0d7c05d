import { Button } from '@mantine/core';
import { api, type SessionView, type SignInWay } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { UnknownText } from '../../components/unknown-text.tsx';
import { useAct, useRead } from '../../connection/use-call.ts';
import { browserName } from './browser-name.ts';

const wayText: Readonly<Record<SignInWay, string>> = {
  link: 'sign-in link',
  token: 'token',
  password: 'password',
  'single-sign-on': 'single sign-on',
};
const BEFORE_IT_WAS_KEPT = 'The session was opened by a version that did not keep this.';

const columns: readonly TableColumn<SessionView>[] = [
  { id: 'who', header: 'Who', value: session => session.actor.label },
  { id: 'role', header: 'Role', value: session => session.actor.role },
  {
    id: 'way',
    header: 'Signed in by',
    value: session => session.way && wayText[session.way],
    cell: ({ way }) => (way === null ? <UnknownText reason={BEFORE_IT_WAS_KEPT} /> : wayText[way]),
  },
  {
    id: 'browser',
    header: 'Browser',
    value: session => session.program && browserName(session.program),
    cell: ({ program }) =>
      program === null ? <UnknownText reason={BEFORE_IT_WAS_KEPT} /> : browserName(program),
  },
  {
    id: 'address',
    header: 'Address',
    value: session => session.address,
    cell: ({ address }) => address ?? <UnknownText reason={BEFORE_IT_WAS_KEPT} />,
  },
  {
    id: 'opened',
    header: 'Opened',
    value: session => session.createdAt,
    cell: session => <RelativeTime at={session.createdAt} />,
  },
  {
    id: 'used',
    header: 'Last used',
    value: session => session.lastUsedAt,
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? <UnknownText reason={BEFORE_IT_WAS_KEPT} /> : <RelativeTime at={lastUsedAt} />,
  },
  {
    id: 'expires',
    header: 'Ends',
    value: session => session.expiresAt,
    cell: session => <RelativeTime at={session.expiresAt} />,
  },
];

/** Browsers that are signed in: one's own, for an administrator everybody's. */
export function Sessions() {
  const sessions = useRead(api.users.listSessions, {}, { refetchMs: 30_000 });
  const end = useAct(api.users.endSession, { refresh: [api.users.listSessions, api.access.listAudit] });
  const withEnd: readonly TableColumn<SessionView>[] = [
    ...columns,
    {
      id: 'end',
      header: 'End',
      align: 'right',
      value: () => null,
      cell: ({ id, actor, isThis }) =>
        isThis ? (
          <ToneBadge tone="good">this one</ToneBadge>
        ) : (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`End the session of ${actor.label}`}
            loading={end.isPending && end.variables.params.id === id}
            onClick={() => end.mutate({ params: { id } })}
          >
            End
          </Button>
        ),
    },
  ];
  return (
    <Card title="Sessions" padded={false}>
      {sessions.error ? (
        <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : sessions.data ? (
        <DataTable
          label="Sessions"
          tools={false}
          rows={sessions.data.sessions}
          rowKey={({ id }) => id}
          columns={withEnd}
        />
      ) : (
        <LoadingRows rows={2} />
      )}
    </Card>
  );
}
