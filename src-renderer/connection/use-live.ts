import { useCallback, useSyncExternalStore } from 'react';
import type { LiveTopic, LiveTopics } from '../../common/live-topics.ts';
import { useConnection } from './connection-context.ts';
import type { LiveState } from './live-connection.ts';

/** A live topic as a page sees it. `values` is `undefined` until the first answer. */
export interface LiveView<Value> {
  readonly values: ReadonlyMap<string, Value> | undefined;
  readonly problem: string | undefined;
}

const NO_TOPIC = { held: undefined, problem: undefined };

/** Watches a topic while the component is shown; `undefined` watches nothing. */
export function useLive<Topic extends LiveTopic>(topic: Topic | undefined): LiveView<LiveTopics[Topic]> {
  const { live } = useConnection();
  const subscribe = useCallback(
    (onChange: () => void) => (topic === undefined ? () => undefined : live.watch(topic, onChange)),
    [live, topic],
  );
  const view = useSyncExternalStore(subscribe, () => (topic === undefined ? NO_TOPIC : live.view(topic)));
  return {
    values: view.held?.values as ReadonlyMap<string, LiveTopics[Topic]> | undefined,
    problem: view.problem,
  };
}

/** State of the wire. */
export function useLiveState(): LiveState {
  const { live } = useConnection();
  const subscribe = useCallback((listener: () => void) => live.onState(listener), [live]);
  return useSyncExternalStore(subscribe, () => live.state());
}
