import { Button, Center, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useState } from 'react';
import { ErrorState } from '../components/error-state.tsx';
import { Logo } from './logo.tsx';

/** Asks for a token, and says where to find one. */
export function SignInPage({
  problem,
  onToken,
}: {
  readonly problem: unknown;
  readonly onToken: (token: string) => Promise<void>;
}) {
  useDocumentTitle('Sign in · CloudOptim');
  const [token, setToken] = useState('');
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    await onToken(token.trim());
    setBusy(false);
  };
  return (
    <Center component="main" mih="100vh" p="lg">
      <form
        className="co-card"
        style={{ padding: 32, width: 'min(440px, 100%)' }}
        onSubmit={event => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          <Group gap="sm">
            <Logo size={34} />
            <Title order={1}>Sign in to CloudOptim</Title>
          </Group>
          <Text c="dimmed">
            Open the sign-in link that the server printed when it started, or paste an access token that an
            administrator made under Settings.
          </Text>
          {problem === undefined ? null : <ErrorState error={problem} />}
          <PasswordInput
            label="Access token"
            autoFocus
            autoComplete="off"
            value={token}
            onChange={event => setToken(event.currentTarget.value)}
          />
          <Button type="submit" loading={isBusy} disabled={token.trim() === ''}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Center>
  );
}
