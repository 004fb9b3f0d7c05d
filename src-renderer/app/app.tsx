import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { toApiError } from '../connection/api-error.ts';
import { Frame } from './frame.tsx';
import { SessionGate } from './session.tsx';
import { theme } from './theme.ts';

// What is told before it is there waits in its store.
const Notices = lazy(() => import('./notices.tsx').then(m => ({ default: m.Notices })));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal stays one; only what the network or the machine did is worth another try.
      retry: (count, error) => count < 2 && toApiError(error).kind === 'operational',
    },
  },
});

/** The whole UI. */
export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Suspense fallback={null}>
          <Notices />
        </Suspense>
        <SessionGate>
          <Frame />
        </SessionGate>
      </QueryClientProvider>
    </MantineProvider>
  );
}
