import { Center } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { type Actor, api, type SignInProof } from '../../common/contracts/index.ts';
import { type Address, createApiClient } from '../connection/api-client.ts';
import { ApiError, toApiError } from '../connection/api-error.ts';
import { capabilities, useEngineState } from '../connection/capabilities.ts';
import { type Connection, ConnectionContext } from '../connection/connection-context.ts';
import { LiveConnection } from '../connection/live-connection.ts';
import { EngineUnreachable, EngineWaiting } from './engine-waiting.tsx';
import { takeSignOnProblem, takeTokenFromAddress } from './sign-in-link.ts';

const SignInPage = lazy(() => import('./sign-in-page.tsx').then(m => ({ default: m.SignInPage })));

type Session =
  | { readonly phase: 'opening' }
  | { readonly phase: 'signed-out'; readonly problem: unknown }
  | { readonly phase: 'unreachable'; readonly problem: unknown }
  | { readonly phase: 'signed-in'; readonly address: Address; readonly actor: Actor };

const OPENING: Session = { phase: 'opening' };
const BROWSER_ADDRESS: Address = { baseUrl: '', token: undefined };

/** Finds out who is there, then gives what is inside a connection; until then the way to sign in. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const [session, setSession] = useState<Session>(OPENING);
  const [attempt, setAttempt] = useState(0);
  const queries = useQueryClient();
  const engine = useEngineState();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt opens anew.
  useEffect(() => {
    let isCurrent = true;
    // What is on the screen stays readable while the engine of this machine starts again.
    setSession(now => (now.phase === 'signed-in' ? now : OPENING));
    void openSession().then(found => {
      if (isCurrent) setSession(found);
    });
    return () => {
      isCurrent = false;
    };
  }, [attempt]);

  useEffect(() => {
    // Each time it listens elsewhere, with another token.
    if (engine?.state === 'starting' || (engine?.state === 'ready' && engine.restarted))
      setAttempt(count => count + 1);
    if (engine?.state === 'failed') setSession({ phase: 'unreachable', problem: failureOf(engine.reason) });
  }, [engine]);

  const isSignedOut = session.phase === 'signed-out';
  useEffect(() => {
    if (!isSignedOut) return;
    // A sign-in link that is opened in this window changes nothing but the end of its address.
    const open = () => setAttempt(count => count + 1);
    window.addEventListener('hashchange', open);
    return () => window.removeEventListener('hashchange', open);
  }, [isSignedOut]);

  const forget = useCallback(() => {
    queries.clear();
    setSession({ phase: 'signed-out', problem: undefined });
  }, [queries]);

  if (session.phase === 'signed-in')
    return (
      <SignedIn address={session.address} actor={session.actor} onSignedOut={forget}>
        {children}
      </SignedIn>
    );
  if (session.phase === 'signed-out')
    return (
      <Suspense fallback={null}>
        <SignInPage
          problem={session.problem}
          address={BROWSER_ADDRESS}
          onSignIn={async proof => setSession(await signIn(BROWSER_ADDRESS, proof))}
        />
      </Suspense>
    );
  return (
    <Center h="100vh" p="xl">
      {session.phase === 'opening' ? (
        <EngineWaiting engine={engine} />
      ) : (
        <EngineUnreachable
          engine={engine}
          problem={session.problem}
          onRetry={() => setAttempt(attempt + 1)}
        />
      )}
    </Center>
  );
}

function SignedIn(props: {
  readonly address: Address;
  readonly actor: Actor;
  readonly onSignedOut: () => void;
  readonly children: ReactNode;
}) {
  const { address, actor, onSignedOut } = props;
  const [live, setLive] = useState<LiveConnection>();
  useEffect(() => {
    const connection = new LiveConnection(address, Date.now, onSignedOut);
    setLive(connection);
    return () => connection.close();
  }, [address, onSignedOut]);
  const connection = useMemo<Connection | undefined>(() => {
    if (!live) return undefined;
    const client = createApiClient(address, onSignedOut);
    const signOut = () => {
      void client.call(api.access.signOut, {}).finally(onSignedOut);
    };
    return { client, live, actor, signOut: address.token === undefined ? signOut : undefined };
  }, [address, actor, live, onSignedOut]);
  return connection ? <ConnectionContext value={connection}>{props.children}</ConnectionContext> : null;
}

function failureOf(reason: string): ApiError {
  return new ApiError({
    code: 'client.unreachable',
    kind: 'operational',
    message: `The engine ended several times in a row. ${reason}`,
    hint: 'Its log says more. Your data stays where it is; start it again once the cause is gone.',
    status: 0,
  });
}

async function openSession(): Promise<Session> {
  try {
    const engine = await capabilities().engine?.();
    if (engine) return await recognise(engine);
    const problem = takeSignOnProblem(window.location, window.history);
    if (problem !== undefined) return { phase: 'signed-out', problem };
    const token = takeTokenFromAddress(window.location, window.history);
    return token === undefined ? await recognise(BROWSER_ADDRESS) : await signIn(BROWSER_ADDRESS, { token });
  } catch (problem) {
    return { phase: 'unreachable', problem };
  }
}

async function recognise(address: Address): Promise<Session> {
  try {
    const actor = await createApiClient(address, () => undefined).call(api.access.me, {});
    return { phase: 'signed-in', address, actor };
  } catch (problem) {
    const isStranger = toApiError(problem).code === 'access.unauthenticated';
    return isStranger ? { phase: 'signed-out', problem: undefined } : { phase: 'unreachable', problem };
  }
}

async function signIn(address: Address, proof: SignInProof): Promise<Session> {
  try {
    const client = createApiClient(address, () => undefined);
    const actor = await client.call(api.access.signIn, { body: proof });
    return { phase: 'signed-in', address, actor };
  } catch (problem) {
    return { phase: 'signed-out', problem };
  }
}
