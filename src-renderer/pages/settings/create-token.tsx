import {
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { api, type Role, roles, type TokenScope, tokenScopes } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { useAct } from '../../connection/use-call.ts';
import { ShownOnce } from './shown-once.tsx';

/** Makes an access token and shows its secret this once. */
export function CreateToken({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const [label, setLabel] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState(90);
  const [scopes, setScopes] = useState<TokenScope[]>([]);
  const create = useAct(api.access.createToken, {
    refresh: [api.access.listTokens, api.access.listAudit],
    quiet: true,
  });
  const close = () => {
    create.reset();
    setLabel('');
    setScopes([]);
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title="Create an access token"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {create.data ? (
        <ShownOnce
          label="Secret"
          secret={create.data.secret}
          warning="This is the only time that the secret is shown. Keep it in a password manager."
          onDone={close}
        />
      ) : (
        <form
          onSubmit={event => {
            event.preventDefault();
            create.mutate({ body: { label, role, days, scopes: scopes.length === 0 ? null : scopes } });
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              description="Shown in the audit log"
              data-autofocus
              value={label}
              onChange={event => setLabel(event.currentTarget.value)}
            />
            <Select
              label="Role"
              description="Viewers read, operators approve and fill, administrators manage access"
              allowDeselect={false}
              value={role}
              onChange={value => setRole((value ?? 'viewer') as Role)}
              data={[...roles]}
            />
            <Checkbox.Group
              label="Limited to"
              description="For programs: parts of the API that it reaches; none for all. A limited token signs no browser in"
              value={scopes}
              onChange={value => setScopes(value as TokenScope[])}
            >
              <SimpleGrid cols={3} spacing={6} mt={6}>
                {tokenScopes.map(scope => (
                  <Checkbox key={scope} value={scope} label={scope} />
                ))}
              </SimpleGrid>
            </Checkbox.Group>
            <NumberInput
              label="Valid for days"
              min={1}
              max={365}
              value={days}
              onChange={value => setDays(Number(value))}
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
