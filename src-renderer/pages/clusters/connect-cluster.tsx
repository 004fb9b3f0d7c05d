import {
  Alert,
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { api } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useConnection } from '../../connection/connection-context.ts';
import { useAct } from '../../connection/use-call.ts';
import { actingCommand, isLoopback, type JoinWay, joinCommand } from './join-commands.ts';

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
        <JoinSteps
          join={{ serverUrl, clusterName: create.data.clusterName, token: create.data.token }}
          hasReplicas={hasReplicas}
          expiresAt={create.data.expiresAt}
          onDone={close}
        />
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

const WAYS: readonly { value: JoinWay; label: string }[] = [
  { value: 'helm', label: 'Helm' },
  { value: 'kubectl', label: 'kubectl' },
  { value: 'here', label: 'On this machine' },
];

/** The one command to paste, and what it brings. */
export function JoinSteps({
  join,
  hasReplicas,
  expiresAt,
  onDone,
}: {
  readonly join: Parameters<typeof joinCommand>[1];
  readonly hasReplicas: boolean;
  readonly expiresAt: number;
  readonly onDone: () => void;
}) {
  const onlyHere = isLoopback(join.serverUrl);
  const [way, setWay] = useState<JoinWay>(onlyHere ? 'here' : 'helm');
  const acting = actingCommand(way);
  return (
    <Stack>
      <SegmentedControl
        aria-label="Where the agent runs"
        data={[...WAYS]}
        value={way}
        onChange={value => setWay(value as JoinWay)}
      />
      <Text>
        Run this in a checkout of CloudOptim, where{' '}
        {way === 'here' ? 'the kubeconfig' : <Code>{way === 'helm' ? 'helm' : 'kubectl'}</Code>} reaches the
        cluster <b>{join.clusterName}</b>:
      </Text>
      <Command text={joinCommand(way, join)} />
      {onlyHere && way !== 'here' ? (
        <Alert
          color="orange"
          variant="light"
          title="Pods cannot reach this address"
          styles={{ title: { color: 'var(--co-risk-text)' } }}
        >
          {join.serverUrl} means the machine itself. Sign in under the address by which the cluster reaches
          this engine, or run the agent on this machine.
        </Alert>
      ) : null}
      <Alert color="blue" variant="light">
        The token is shown this once, works {hasReplicas ? 'once for each of two replicas' : 'once'}, and
        expires <RelativeTime at={expiresAt} />. The agent connects outward only, exchanges it for a key of
        its own, and the cluster appears here.
      </Alert>
      {acting === undefined ? (
        <Text size="sm" c="dimmed">
          It may do in the cluster what your kubeconfig may, and does nothing without an approval.
        </Text>
      ) : (
        <>
          <Text size="sm" c="dimmed">
            It is read-only: its role has no verb that changes anything. To let it carry out approved plans,
            later or never:
          </Text>
          <Command text={acting} />
        </>
      )}
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
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
