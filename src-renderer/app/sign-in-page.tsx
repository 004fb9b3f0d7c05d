import {
  Button,
  Center,
  Group,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type SignInProof } from '../../common/contracts/index.ts';
import { ErrorState } from '../components/error-state.tsx';
import { type Address, createApiClient } from '../connection/api-client.ts';
import { Logo } from './logo.tsx';
import { signOnProblem } from './sign-on-problem.ts';

type Way = 'password' | 'token';

/** Asks for a name and password or a token, and says where to find one. */
export function SignInPage({
  problem,
  address,
  onSignIn,
}: {
  /** What went wrong at the last try; a text is the code that a single sign-on came back with. */
  readonly problem: unknown;
  readonly address: Address;
  readonly onSignIn: (proof: SignInProof) => Promise<void>;
}) {
  useDocumentTitle('Sign in · CloudOptim');
  const [chosen, setChosen] = useState<Way>();
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [isBusy, setBusy] = useState(false);
  const ways = useQuery({
    queryKey: [api.access.ways.path],
    queryFn: () => createApiClient(address, () => undefined).call(api.access.ways, {}),
    retry: false,
  });
  const signOn = ways.data?.singleSignOn;
  // On a server that is new there is nobody but who has its sign-in link.
  const way = chosen ?? (ways.data?.hasUsers === false ? 'token' : 'password');
  const isByPassword = way === 'password';
  const submit = async () => {
    setBusy(true);
    await onSignIn(isByPassword ? { name: name.trim(), password: secret } : { token: secret.trim() });
    setBusy(false);
  };
  // What is asked for must not change under the hands of who fills it in.
  if (ways.isPending) return null;
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
          {signOn ? (
            <Button component="a" href={signOn.path} variant="light">
              Sign in with {signOn.label}
            </Button>
          ) : null}
          <SegmentedControl
            aria-label="Sign in with"
            value={way}
            onChange={value => {
              setChosen(value as Way);
              setSecret('');
            }}
            data={[
              { value: 'password', label: 'Name and password' },
              { value: 'token', label: 'Access token' },
            ]}
          />
          <Text c="dimmed">
            {isByPassword
              ? 'An administrator makes a user for you under Settings.'
              : 'Open the sign-in link that the server printed when it started, or paste an access token that an administrator made under Settings.'}
          </Text>
          {problem === undefined ? null : (
            <ErrorState error={typeof problem === 'string' ? signOnProblem(problem) : problem} />
          )}
          {isByPassword ? (
            <TextInput
              label="Name"
              autoFocus
              autoComplete="username"
              value={name}
              onChange={event => setName(event.currentTarget.value)}
            />
          ) : null}
          <PasswordInput
            key={way}
            label={isByPassword ? 'Password' : 'Access token'}
            autoFocus={!isByPassword}
            autoComplete={isByPassword ? 'current-password' : 'off'}
            value={secret}
            onChange={event => setSecret(event.currentTarget.value)}
          />
          <Button
            type="submit"
            loading={isBusy}
            disabled={secret.trim() === '' || (isByPassword && name.trim() === '')}
          >
            Sign in
          </Button>
        </Stack>
      </form>
    </Center>
  );
}
