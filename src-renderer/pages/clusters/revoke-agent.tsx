import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, type ClusterSummary } from '../../../common/contracts/index.ts';
import { useAct } from '../../connection/use-call.ts';

/** Asks for the name of the cluster before its agent is revoked: there is no way back. */
export function RevokeAgent({
  summary,
  onClose,
}: {
  readonly summary: ClusterSummary;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const revoke = useAct(api.clusters.revokeAgent, { onDone: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Revoke the agent of ${summary.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text size="sm">
          Its connection is cut at once and its key never works again. Running plans stop where they are.
          There is no undo; to connect the cluster again, create a new join token.
        </Text>
        <TextInput
          label={`Type ${summary.name} to confirm`}
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red"
            disabled={typed !== summary.name}
            loading={revoke.isPending}
            onClick={() => revoke.mutate({ params: { id: summary.id } })}
          >
            Revoke
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
