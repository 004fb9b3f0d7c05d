import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, DEFAULT_POLICY_SCOPE, type PolicyRevision } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { formatExact } from '../../components/time-text.ts';
import { YamlDiff } from '../../components/yaml-diff.tsx';
import { useAct, useRead } from '../../connection/use-call.ts';

/** Every revision of a policy: who saved it and when, what it changed, and the way back to it. */
export function PolicyHistory({
  saved,
  shown,
  hasDraft,
}: {
  readonly saved: PolicyRevision;
  readonly shown: PolicyRevision;
  readonly hasDraft: boolean;
}) {
  const [opened, setOpened] = useState<number>();
  const { scope } = saved;
  // The live topic tells of each save; the number makes the list be read anew.
  const { data, error, refetch } = useRead(
    api.policies.listRevisions,
    { params: { scope }, query: { limit: 200, before: saved.revision + 1 } },
    { keepLast: true },
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingRows />;
  const open = data.revisions.find(({ revision }) => revision === opened);
  const before = open && data.revisions.find(({ revision }) => revision === open.revision - 1);
  return (
    <Card title="Revisions" padded={false}>
      <DataTable
        label="Revisions"
        rows={data.revisions}
        rowKey={({ revision }) => String(revision)}
        columns={columns}
        initialSort={{ id: 'revision', desc: true }}
        currentKey={opened === undefined ? undefined : String(opened)}
        onOpen={({ revision }) => setOpened(revision)}
        empty={
          <EmptyState
            title="Nothing was saved yet"
            text="Each save is kept here for good, with who made it and why."
          />
        }
      />
      {scope === DEFAULT_POLICY_SCOPE || saved.document === null ? null : (
        <div style={{ padding: '12px 16px' }}>
          <FollowDefault saved={saved} />
        </div>
      )}
      <DetailDrawer
        title={`Revision ${open?.revision ?? ''}`}
        isOpen={open !== undefined}
        onClose={() => setOpened(undefined)}
        actions={
          open && open.revision !== saved.revision ? (
            <Revert open={open} saved={saved} hasDraft={hasDraft} onDone={() => setOpened(undefined)} />
          ) : undefined
        }
      >
        {open ? (
          <Stack>
            <Text size="sm" c="dimmed">
              Saved by {open.savedBy}, {open.savedAt === null ? '' : formatExact(open.savedAt)}
              {open.note === null ? '' : `: ${open.note}`}
            </Text>
            <Text fw={600}>What it changed</Text>
            <YamlDiff label="What it changed" before={before?.yaml ?? ''} after={open.yaml} />
            {open.revision === saved.revision ? null : (
              <>
                <Text fw={600}>What going back to it would change</Text>
                <YamlDiff label="What going back to it would change" before={shown.yaml} after={open.yaml} />
              </>
            )}
          </Stack>
        ) : null}
      </DetailDrawer>
    </Card>
  );
}

function Revert(props: {
  readonly open: PolicyRevision;
  readonly saved: PolicyRevision;
  readonly hasDraft: boolean;
  readonly onDone: () => void;
}) {
  const { open, saved, hasDraft, onDone } = props;
  const revert = useAct(api.policies.revertPolicy, { quiet: true });
  return (
    <ConfirmButton
      needs="operator"
      label={`Go back to revision ${open.revision}`}
      why={hasDraft ? 'Save or drop your changes first.' : undefined}
      title={`Go back to revision ${open.revision}?`}
      confirmLabel={`Save it as revision ${saved.revision + 1}`}
      isBusy={revert.isPending}
      error={revert.error}
      onOpen={() => revert.reset()}
      onConfirm={close =>
        revert.mutate(
          {
            params: { scope: open.scope },
            body: { revision: open.revision, baseRevision: saved.revision },
          },
          {
            onSuccess: () => {
              close();
              onDone();
            },
          },
        )
      }
    >
      <Text size="sm">
        It becomes the newest revision and holds at once; plans that wait are looked at by it. To undo, go
        back to revision {saved.revision} in the same way.
      </Text>
    </ConfirmButton>
  );
}

function FollowDefault({ saved }: { readonly saved: PolicyRevision }) {
  const follow = useAct(api.policies.followDefault, { quiet: true });
  return (
    <ConfirmButton
      needs="operator"
      variant="default"
      label="Follow the policy for all clusters"
      title="Follow the policy for all clusters?"
      confirmLabel="Follow the default"
      isBusy={follow.isPending}
      error={follow.error}
      onOpen={() => follow.reset()}
      onConfirm={close =>
        follow.mutate(
          { params: { scope: saved.scope }, body: { baseRevision: saved.revision } },
          { onSuccess: close },
        )
      }
    >
      <Text size="sm">
        The policy of its own stays in the history; go back to one of its revisions to have it again.
      </Text>
    </ConfirmButton>
  );
}

const columns: readonly TableColumn<PolicyRevision>[] = [
  { id: 'revision', header: 'Revision', align: 'right', value: ({ revision }) => revision },
  {
    id: 'saved',
    header: 'Saved',
    value: ({ savedAt }) => savedAt,
    cell: ({ savedAt }) => (savedAt === null ? '' : <RelativeTime at={savedAt} />),
  },
  { id: 'by', header: 'By', value: ({ savedBy }) => savedBy },
  {
    id: 'what',
    header: 'What',
    value: ({ document, revertedFrom }) =>
      revertedFrom !== null
        ? `revision ${revertedFrom} again`
        : document === null
          ? 'follows the default'
          : `mode ${document.mode}`,
  },
  { id: 'note', header: 'Note', grows: true, value: ({ note }) => note },
];
