import { Modal, Text } from '@mantine/core';
import { useState } from 'react';
import {
  api,
  type CallOutput,
  type ClusterSummary,
  type SyncServer,
} from '../../../../common/contracts/index.ts';
import { ConfirmButton } from '../../../components/confirm-button.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { useConnection } from '../../../connection/connection-context.ts';
import { useAct } from '../../../connection/use-call.ts';
import { useLive } from '../../../connection/use-live.ts';
import { JoinSteps } from '../../clusters/connect-cluster.tsx';

type Moved = CallOutput<typeof api.sync.moveCluster>;

/** Which engine acts on each cluster, and how it goes to the other one. */
export function MoveClusters({ server }: { readonly server: SyncServer }) {
  const [moved, setMoved] = useState<Moved>();
  const clusters = [...(useLive('clusters').values?.values() ?? [])];
  const { client } = useConnection();
  const ownUrl = client.address.baseUrl === '' ? window.location.origin : client.address.baseUrl;
  if (clusters.length === 0) return null;
  const why =
    server.mayWrite && server.mode === 'full' ? undefined : 'This engine may only read from the server.';
  const columns: readonly TableColumn<ClusterSummary>[] = [
    { id: 'name', header: 'Cluster', grows: true, value: one => one.name },
    { id: 'home', header: 'Home', value: one => one.home?.movedTo?.name ?? 'this engine' },
    {
      id: 'move',
      header: 'Move',
      align: 'right',
      value: () => null,
      cell: one => <MoveCluster cluster={one} server={server} why={why} onMoved={setMoved} />,
    },
  ];
  return (
    <>
      <DataTable
        label="Homes of clusters"
        tools={false}
        rows={clusters}
        rowKey={({ id }) => id}
        columns={columns}
        empty={null}
      />
      <Modal
        opened={moved !== undefined}
        onClose={() => setMoved(undefined)}
        title={`Enrol the agent of ${moved?.clusterName ?? ''} anew`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {moved ? (
          <JoinSteps
            join={{
              serverUrl: moved.serverUrl ?? ownUrl,
              clusterName: moved.clusterName,
              token: moved.token,
            }}
            hasReplicas={false}
            expiresAt={moved.expiresAt}
            onDone={() => setMoved(undefined)}
          />
        ) : null}
      </Modal>
    </>
  );
}

function MoveCluster(props: {
  readonly cluster: ClusterSummary;
  readonly server: SyncServer;
  readonly why: string | undefined;
  readonly onMoved: (moved: Moved) => void;
}) {
  const { cluster, server } = props;
  const move = useAct(api.sync.moveCluster, { quiet: true });
  const away = cluster.home?.movedTo ?? null;
  const to = away ? 'here' : 'server';
  const isElsewhere = away !== null && away.engineId !== server.engineId;
  return (
    <ConfirmButton
      needs="admin"
      size="compact-xs"
      variant="default"
      label={away ? `Bring ${cluster.name} back` : `Move ${cluster.name} to the server`}
      why={isElsewhere ? `It is at “${away.name}”, which is not the connected server.` : props.why}
      title={away ? `Bring ${cluster.name} back here?` : `Move ${cluster.name} to ${server.name}?`}
      confirmLabel={away ? 'Bring it back' : 'Move it'}
      isBusy={move.isPending}
      error={move.error}
      onOpen={() => move.reset()}
      onConfirm={close =>
        move.mutate(
          { params: { id: server.id, clusterId: cluster.id }, body: { to } },
          {
            onSuccess: result => {
              close();
              props.onMoved(result);
            },
          },
        )
      }
    >
      <Text size="sm">
        {away ? `The engine “${away.name}”` : 'This engine'} stops acting on it at once, and the key of its
        agent ends: plans can neither be made nor approved there any more. The agent is then enrolled anew by
        a command that is shown next. What was recorded so far stays where it is. To undo, move it back.
      </Text>
    </ConfirmButton>
  );
}
