import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import type { EngineState } from '../../common/desktop-bridge.ts';
import { ErrorState } from '../components/error-state.tsx';
import { capabilities } from '../connection/capabilities.ts';

/** What stands in the window until the engine answers. @param engine how it is, where the window knows */
export function EngineWaiting({ engine }: { readonly engine: EngineState | undefined }) {
  return (
    <Stack align="center" role="status" maw={520} ta="center" gap="sm">
      <Loader type="dots" />
      <Text fw={560}>{engine === undefined ? 'Looking for the engine…' : titleOf(engine)}</Text>
      {engine?.state === 'restarting' ? <Text size="sm">{engine.reason}</Text> : null}
      {engine === undefined ? null : (
        <Text c="dimmed" size="sm">
          Links and files that you open meanwhile are taken in as soon as it is ready.
        </Text>
      )}
      <ShowLogButton />
    </Stack>
  );
}

/** What stands in the window when there is no way to the engine. */
export function EngineUnreachable(props: {
  readonly engine: EngineState | undefined;
  readonly problem: unknown;
  readonly onRetry: () => void;
}) {
  const { startEngine } = capabilities();
  const hasFailed = props.engine?.state === 'failed';
  return (
    <Stack maw={560}>
      <ErrorState error={props.problem} />
      <Group>
        {hasFailed && startEngine ? (
          <Button onClick={() => void startEngine()}>Start the engine again</Button>
        ) : (
          <Button onClick={props.onRetry}>Try again</Button>
        )}
        <ShowLogButton />
      </Group>
    </Stack>
  );
}

/** Shows the engine's log, where there is one on this machine. */
export function ShowLogButton() {
  const { showLog } = capabilities();
  if (!showLog) return null;
  return (
    <Button variant="default" size="xs" onClick={() => void showLog()}>
      Show log
    </Button>
  );
}

function titleOf(engine: EngineState): string {
  return engine.state === 'restarting' ? 'The engine starts again…' : 'The engine is starting…';
}
