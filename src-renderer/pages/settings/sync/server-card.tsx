import { Alert, Group, Progress, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'wouter';
import { api, type SyncServer } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { ConfirmButton } from '../../../components/confirm-button.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { counted } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { ToneBadge } from '../../../components/tone-badge.tsx';
import { useAct, useRead } from '../../../connection/use-call.ts';
import { useLive } from '../../../connection/use-live.ts';
import { ConnectServer } from './connect-server.tsx';
import { PARTS, rightsText, STATES } from './server-words.ts';

const MoveClusters = lazy(() => import('./move-clusters.tsx').then(m => ({ default: m.MoveClusters })));

/** The server that this engine shares its work with: how far the two are, and how to stop or go on. */
export function ServerCard() {
  const [isConnecting, setConnecting] = useState(false);
  const asked = useRead(api.sync.getSync, {});
  const live = useLive('sync').values;
  const server = live ? live.get('server') : (asked.data?.server ?? undefined);
  return (
    <Card
      title="Connected server"
      aside={
        asked.data && !server ? (
          <RoleButton
            needs="admin"
            size="xs"
            label="Connect to a server"
            onClick={() => setConnecting(true)}
          />
        ) : undefined
      }
    >
      {asked.error ? (
        <ErrorState error={asked.error} onRetry={() => void asked.refetch()} />
      ) : !asked.data ? (
        <LoadingRows rows={2} />
      ) : server ? (
        <ServerState server={server} />
      ) : (
        <Text c="dimmed">
          This engine stands alone. Connect it to a headless server, and policies and models are the same on
          both. An administrator of the server makes the code for it, on this page there.
        </Text>
      )}
      <ConnectServer isOpen={isConnecting} onClose={() => setConnecting(false)} />
    </Card>
  );
}

function ServerState({ server }: { readonly server: SyncServer }) {
  const { tone, word } = STATES[server.state];
  const refresh = [api.sync.getSync];
  const now = useAct(api.sync.syncNow, { refresh });
  const stop = useAct(api.sync.stopSync, { refresh });
  const disconnect = useAct(api.sync.disconnect, { refresh, quiet: true });
  const input = { params: { id: server.id } };
  const goesOn = ['waiting', 'running', 'failing'].includes(server.state);
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start">
        <Stack gap={4}>
          <Group gap="sm">
            <Text fw={600}>{server.name}</Text>
            <ToneBadge tone={tone}>{word}</ToneBadge>
          </Group>
          <Text size="sm" c="dimmed">
            {server.url}; <Times server={server} />
          </Text>
          <Text size="sm" c="dimmed">
            {rightsText(server)}
          </Text>
        </Stack>
        <Group gap="xs">
          <RoleButton
            needs="operator"
            size="xs"
            variant="default"
            label={server.state === 'failing' || server.state === 'refused' ? 'Try again' : 'Sync now'}
            why={server.state === 'running' ? 'It runs already.' : undefined}
            onClick={() => now.mutate(input)}
          />
          {goesOn ? (
            <RoleButton
              needs="operator"
              size="xs"
              variant="default"
              label="Stop syncing"
              loading={stop.isPending}
              onClick={() => stop.mutate(input)}
            />
          ) : null}
          <ConfirmButton
            needs="admin"
            size="xs"
            variant="default"
            label="Disconnect"
            title={`Disconnect from ${server.name}?`}
            confirmLabel="Disconnect"
            isBusy={disconnect.isPending}
            error={disconnect.error}
            onOpen={() => disconnect.reset()}
            onConfirm={close => disconnect.mutate(input, { onSuccess: close })}
          >
            <Text size="sm">
              The key for it is forgotten here; what came from it stays. To connect again you need a new code.
            </Text>
          </ConfirmButton>
        </Group>
      </Group>
      <SyncProgressLine server={server} />
      {server.problem && server.state !== 'running' ? (
        <Alert
          color="red"
          variant="light"
          styles={{ title: { color: 'var(--co-risk-text)' } }}
          title={server.problem.message}
        >
          {server.problem.hint} What is here already still works.
        </Alert>
      ) : null}
      {server.conflicts.length > 0 ? (
        <Alert
          color="orange"
          variant="light"
          styles={{ title: { color: 'var(--co-risk-text)' } }}
          title="Policies wait for you"
        >
          {counted(server.conflicts.length, 'policy', 'policies')} changed on both sides; neither was
          overwritten. <Link href="/policies">Compare both versions</Link>
        </Alert>
      ) : null}
      {server.refusals.length > 0 ? (
        <Alert
          color="orange"
          variant="light"
          styles={{ title: { color: 'var(--co-risk-text)' } }}
          title="What stays apart"
        >
          <ul style={{ margin: 0, paddingLeft: 18 }}>
            {server.refusals.map(({ part, subject, reason }) => (
              <li key={`${part} ${subject}`}>
                {PARTS[part]}: {reason}
              </li>
            ))}
          </ul>
          “Sync now” tries them again.
        </Alert>
      ) : null}
      <Suspense fallback={null}>
        <MoveClusters server={server} />
      </Suspense>
    </Stack>
  );
}

function Times({ server: { lastDoneAt, nextAt, state } }: { readonly server: SyncServer }) {
  return (
    <>
      {lastDoneAt === null ? (
        'not the same yet'
      ) : (
        <>
          the same as of <RelativeTime at={lastDoneAt} />
        </>
      )}
      {state === 'failing' && nextAt !== null ? (
        <>
          ; tried again <RelativeTime at={nextAt} />
        </>
      ) : null}
    </>
  );
}

function SyncProgressLine({ server: { progress } }: { readonly server: SyncServer }) {
  if (!progress) return null;
  return (
    <div>
      {progress.share === null ? null : (
        <Progress.Root size="md">
          <Progress.Section value={100 * progress.share} aria-label="Sync progress" />
        </Progress.Root>
      )}
      <Text size="sm" c="dimmed" mt={4}>
        {PARTS[progress.part]}: {progress.subject}
      </Text>
    </div>
  );
}
