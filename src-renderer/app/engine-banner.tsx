import { Alert, Button, Group, Text } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import { RelativeTime } from '../components/relative-time.tsx';
import { useRemembered } from '../components/remembered.ts';
import { useEngineState } from '../connection/capabilities.ts';
import { ShowLogButton } from './engine-waiting.tsx';

/** Says that the engine starts again, or did since the window opened, and why. What is on the screen stays readable. */
export function EngineBanner() {
  const engine = useEngineState();
  // By its time: the page may be loaded anew, and the engine tells it again then.
  const [putAwayAt, putAway] = useRemembered('engine-restart', 0);
  if (engine === undefined) return null;
  if (engine.state === 'restarting')
    return <Banner title="The engine starts again; what you see is from before" reason={engine.reason} />;
  if (engine.state !== 'ready' || !engine.restarted) return null;
  const { at, reason } = engine.restarted;
  if (at === putAwayAt) return null;
  return (
    <Banner
      title={
        <>
          The engine was started again <RelativeTime at={at} />
        </>
      }
      reason={reason}
      onPutAway={() => putAway(at)}
    />
  );
}

function Banner(props: {
  readonly title: React.ReactNode;
  readonly reason: string;
  readonly onPutAway?: () => void;
}) {
  return (
    <Alert color="orange" variant="light" icon={<IconRefreshAlert size={20} />} title={props.title}>
      <Group justify="space-between">
        <Text size="sm">{props.reason}</Text>
        <Group gap="xs">
          <ShowLogButton />
          {props.onPutAway ? (
            <Button size="xs" variant="default" onClick={props.onPutAway}>
              Put away
            </Button>
          ) : null}
        </Group>
      </Group>
    </Alert>
  );
}
