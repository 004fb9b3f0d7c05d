import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import {
  api,
  DEFAULT_POLICY_SCOPE,
  type SyncConflict,
  type SyncServer,
} from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useAct, useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';

const YamlDiff = lazy(() => import('../../components/yaml-diff.tsx').then(m => ({ default: m.YamlDiff })));

/** Policies that were changed on both sides: says so, and lets a person choose with both versions before them. */
export function PolicyConflicts() {
  const [isOpen, setOpen] = useState(false);
  const server = useLive('sync').values?.get('server');
  if (!server || (server.conflicts.length === 0 && !isOpen)) return null;
  return (
    <Alert
      color="orange"
      styles={{ title: { color: 'var(--co-risk-text)' } }}
      variant="light"
      title={`${counted(server.conflicts.length, 'policy', 'policies')} changed here and on ${server.name}`}
    >
      <Group justify="space-between">
        <Text size="sm">Neither was overwritten; each engine goes on with its own until you choose.</Text>
        <Button size="xs" variant="default" onClick={() => setOpen(true)}>
          Compare both versions
        </Button>
      </Group>
      {isOpen ? <ConflictDialog server={server} onClose={() => setOpen(false)} /> : null}
    </Alert>
  );
}

function ConflictDialog({ server, onClose }: { readonly server: SyncServer; readonly onClose: () => void }) {
  const { data, error, refetch } = useRead(api.sync.listConflicts, { params: { id: server.id } });
  const [conflict] = data?.conflicts ?? [];
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={`Changed here and on ${server.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={6} />
      ) : conflict ? (
        <BothVersions key={conflict.scope} server={server} conflict={conflict} />
      ) : (
        <Text>Nothing waits for you any more.</Text>
      )}
    </Modal>
  );
}

function BothVersions({
  server,
  conflict,
}: {
  readonly server: SyncServer;
  readonly conflict: SyncConflict;
}) {
  const { scope, mine, theirs, base } = conflict;
  const clusters = useLive('clusters').values;
  const resolve = useAct(api.sync.resolveConflict, {
    refresh: [api.sync.listConflicts, api.sync.getSync],
    quiet: true,
  });
  const name = scope === DEFAULT_POLICY_SCOPE ? 'all clusters' : (clusters?.get(scope)?.name ?? scope);
  const keep = (which: 'mine' | 'theirs') =>
    resolve.mutate({
      params: { id: server.id, scope },
      body: { keep: which, mineRevision: mine.revision, theirsRevision: theirs.revision },
    });
  return (
    <Stack>
      <Text fw={600}>Policy of {name}, from theirs to yours</Text>
      <Suspense fallback={<LoadingRows rows={4} />}>
        <YamlDiff label="From theirs to yours" before={theirs.yaml} after={mine.yaml} />
      </Suspense>
      <Changes
        title={`Here: revision ${mine.revision}`}
        by={mine.savedBy}
        at={mine.savedAt}
        before={base}
        after={mine.yaml}
      />
      <Changes
        title={`On ${server.name}: revision ${theirs.revision}`}
        by={theirs.savedBy}
        at={theirs.savedAt}
        before={base}
        after={theirs.yaml}
      />
      <Text size="sm" c="dimmed">
        What you choose becomes the newest revision on both sides. The other one stays in the history of the
        side that has it, and can come back from there.
      </Text>
      {resolve.error ? <ErrorState error={resolve.error} /> : null}
      <Group justify="flex-end">
        <RoleButton
          needs="operator"
          variant="default"
          label="Take theirs"
          loading={resolve.isPending}
          onClick={() => keep('theirs')}
        />
        <RoleButton
          needs="operator"
          label="Keep mine"
          why={
            server.mayWrite && server.mode === 'full'
              ? undefined
              : 'Nothing of this engine may go to the server.'
          }
          loading={resolve.isPending}
          onClick={() => keep('mine')}
        />
      </Group>
    </Stack>
  );
}

function Changes(props: {
  readonly title: string;
  readonly by: string | null;
  readonly at: number | null;
  readonly before: string;
  readonly after: string;
}) {
  return (
    <div>
      <Text fw={600}>{props.title}</Text>
      <Text size="sm" c="dimmed" mb={4}>
        {props.by === null ? 'as built in' : `saved by ${props.by}`}
        {props.at === null ? null : (
          <>
            {' '}
            <RelativeTime at={props.at} />
          </>
        )}
      </Text>
      {props.before === '' ? null : (
        <Suspense fallback={<LoadingRows rows={4} />}>
          <YamlDiff label={`What changed ${props.title}`} before={props.before} after={props.after} />
        </Suspense>
      )}
    </div>
  );
}
