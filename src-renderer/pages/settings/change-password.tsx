import { Button, Group, Modal, PasswordInput, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { api } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { useAct } from '../../connection/use-call.ts';

const LEAST_LENGTH = 12;

/** Lets somebody who signed in with a password choose another one. */
export function ChangePassword() {
  const [isOpen, setOpen] = useState(false);
  const [password, setPassword] = useState('');
  const [next, setNext] = useState('');
  const change = useAct(api.users.changePassword, {
    refresh: [api.users.listSessions],
    quiet: true,
    onDone: () => {
      notifications.show({ message: 'The password was changed; your other sessions ended.' });
      close();
    },
  });
  const close = () => {
    setOpen(false);
    setPassword('');
    setNext('');
    change.reset();
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Change my password
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title="Change my password"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form
          onSubmit={event => {
            event.preventDefault();
            change.mutate({ body: { password, newPassword: next } });
          }}
        >
          <Stack>
            <PasswordInput
              label="Present password"
              autoComplete="current-password"
              data-autofocus
              value={password}
              onChange={event => setPassword(event.currentTarget.value)}
            />
            <PasswordInput
              label="New password"
              description={`${LEAST_LENGTH} characters or more`}
              autoComplete="new-password"
              value={next}
              onChange={event => setNext(event.currentTarget.value)}
            />
            {change.error ? <ErrorState error={change.error} /> : null}
            <Group justify="flex-end">
              <Button
                type="submit"
                loading={change.isPending}
                disabled={password === '' || next.length < LEAST_LENGTH}
              >
                Change
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
