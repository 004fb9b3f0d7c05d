import { Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, type Role, roles, type User } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { useAct } from '../../connection/use-call.ts';

const LEAST_LENGTH = 12;

/** Makes a user, or gives one another role or a new password. */
export function UserForm({
  user,
  onClose,
}: {
  readonly user: User | undefined;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(user?.role ?? 'viewer');
  const [password, setPassword] = useState('');
  const options = {
    refresh: [api.users.listUsers, api.users.listSessions, api.access.listAudit],
    quiet: true,
    onDone: onClose,
  };
  const create = useAct(api.users.createUser, options);
  const change = useAct(api.users.changeUser, options);
  const error = create.error ?? change.error;
  const isLong = password.length >= LEAST_LENGTH;
  const isComplete = user ? (password === '' && role !== user.role) || isLong : isLong && name.trim() !== '';
  const save = () => {
    if (!user) return create.mutate({ body: { name, role, newPassword: password } });
    const body = {
      ...(role === user.role ? {} : { role }),
      ...(password === '' ? {} : { newPassword: password }),
    };
    return change.mutate({ params: { id: user.id }, body });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={user ? `Change ${user.name}` : 'Create a user'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={event => {
          event.preventDefault();
          save();
        }}
      >
        <Stack>
          {user ? null : (
            <TextInput
              label="Name"
              description="To sign in with, and shown in the audit log"
              autoComplete="off"
              data-autofocus
              value={name}
              onChange={event => setName(event.currentTarget.value)}
            />
          )}
          <Select
            label="Role"
            description="Viewers read, operators approve and fill, administrators manage access"
            allowDeselect={false}
            value={role}
            onChange={value => setRole((value ?? 'viewer') as Role)}
            data={[...roles]}
          />
          <PasswordInput
            label={user ? 'New password' : 'Password'}
            description={
              user
                ? `Left empty, it stays. ${LEAST_LENGTH} characters or more.`
                : `${LEAST_LENGTH} characters or more; they can change it themselves.`
            }
            autoComplete="new-password"
            value={password}
            onChange={event => setPassword(event.currentTarget.value)}
          />
          {error ? <ErrorState error={error} /> : null}
          <Group justify="flex-end">
            <Button type="submit" loading={create.isPending || change.isPending} disabled={!isComplete}>
              {user ? 'Change and end open sessions' : 'Create'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
