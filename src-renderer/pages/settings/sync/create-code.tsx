import { Button, Group, Modal, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { ShownOnce } from '../shown-once.tsx';

/** Makes a one-time code for another engine, and shows it this once. */
export function CreateCode({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const [label, setLabel] = useState('');
  const [mayWrite, setMayWrite] = useState(true);
  const create = useAct(api.sync.createCode, {
    refresh: [api.sync.listGuests, api.access.listAudit],
    quiet: true,
  });
  const close = () => {
    create.reset();
    setLabel('');
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title="Create a one-time code"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {create.data ? (
        <ShownOnce
          label="One-time code"
          secret={create.data.code}
          warning={
            <>
              This is the only time that the code is shown. It lets one engine in and ends{' '}
              <RelativeTime at={create.data.expiresAt} />.
            </>
          }
          onDone={close}
        >
          <Text size="sm">
            In the other engine: Settings, “Connect to a server”, with the address of this page and this code.
          </Text>
        </ShownOnce>
      ) : (
        <form
          onSubmit={event => {
            event.preventDefault();
            create.mutate({ body: { label, mayWrite } });
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              description="Whose engine it is; shown here and in the audit log"
              data-autofocus
              value={label}
              onChange={event => setLabel(event.currentTarget.value)}
            />
            <Switch
              label="May bring its own work here"
              description="Otherwise it only reads"
              checked={mayWrite}
              onChange={event => setMayWrite(event.currentTarget.checked)}
            />
            {create.error ? <ErrorState error={create.error} /> : null}
            <Group justify="flex-end">
              <Button type="submit" loading={create.isPending} disabled={label.trim() === ''}>
                Create
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
