import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { useAct } from '../../../connection/use-call.ts';

/** Asks for address and code, and connects. */
export function ConnectServer({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const [url, setUrl] = useState('');
  const [code, setCode] = useState('');
  const connect = useAct(api.sync.connect, {
    refresh: [api.sync.getSync, api.access.listAudit],
    quiet: true,
  });
  const close = () => {
    connect.reset();
    setCode('');
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title="Connect to a server"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={event => {
          event.preventDefault();
          connect.mutate({ body: { url, code } }, { onSuccess: close });
        }}
      >
        <Stack>
          <TextInput
            label="Address"
            description="As its administrator tells it; https, unless it runs on this machine"
            placeholder="https://cloudoptim.example.com"
            data-autofocus
            value={url}
            onChange={event => setUrl(event.currentTarget.value)}
          />
          <TextInput
            label="One-time code"
            description="From the page Settings of the server; it works once and for 15 minutes"
            autoComplete="off"
            value={code}
            onChange={event => setCode(event.currentTarget.value)}
          />
          {connect.error ? <ErrorState error={connect.error} /> : null}
          <Group justify="flex-end">
            <Button
              type="submit"
              loading={connect.isPending}
              disabled={url.trim() === '' || code.trim() === ''}
            >
              Connect
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
