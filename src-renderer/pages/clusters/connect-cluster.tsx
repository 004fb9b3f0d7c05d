import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useConnection } from '../../connection/connection-context.ts';
import { useAct } from '../../connection/use-call.ts';

/** Name of a cluster → join token and the command that starts its agent. */
export function ConnectCluster({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [hasReplicas, setHasReplicas] = useState(false);
  const { client } = useConnection();
  const create = useAct(api.clusters.createJoinToken, { quiet: true });
  const serverUrl = client.address.baseUrl === '' ? window.location.origin : client.address.baseUrl;
  const close = () => {
    setName('');
    setHasReplicas(false);
    create.reset();
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title="Connect a cluster"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {create.data ? (
        <Stack>
          <Text>
            Run this where <Code>kubectl</Code> reaches the cluster <b>{create.data.clusterName}</b>:
          </Text>
          <Command text={`npm run -s agent -- --server ${serverUrl} --join ${create.data.token}`} />
          <Alert color="blue" variant="light">
            The token is shown this once, works {hasReplicas ? 'once for each of two replicas' : 'once'}, and
            expires <RelativeTime at={create.data.expiresAt} />. The agent connects outward only, exchanges it
            for a key of its own, and the cluster appears here.
          </Alert>
          <Group justify="flex-end">
            <Button onClick={close}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={event => {
            event.preventDefault();
            create.mutate({ body: { clusterName: name, ...(hasReplicas ? { replicas: 2 } : {}) } });
          }}
        >
          <Stack>
            <TextInput
              label="Name of the cluster"
              description="Lower-case letters, digits and dashes; you will see it everywhere"
              placeholder="shop-production"
              data-autofocus
              value={name}
              onChange={event => setName(event.currentTarget.value)}
            />
            <Switch
              label="Two replicas that lead in turns"
              description="The token then works once for each; they need the acting role"
              checked={hasReplicas}
              onChange={event => setHasReplicas(event.currentTarget.checked)}
            />
            {create.error ? <ErrorState error={create.error} /> : null}
            <Group justify="flex-end">
              <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
                Create a join token
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function Command({ text }: { readonly text: string }) {
  return (
    <Group wrap="nowrap" align="stretch" gap="xs">
      <Code block style={{ flex: 1, whiteSpace: 'pre-wrap', wordBreak: 'break-all' }}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy} h="auto">
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
