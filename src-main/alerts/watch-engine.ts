import type { Socket } from 'socket.io-client';
import type { Plan, SavingsSummary } from '../../common/contracts/index.ts';
import type { EngineAddress } from '../../common/desktop-bridge.ts';
import type { DashboardToServer, LiveDelta, ServerToDashboard } from '../../common/live-topics.ts';
import { afterDelta, fromSnapshot, type TopicValues, valuesUnder } from '../../common/live-values.ts';

/** What the tray and the notifications tell of the engine. */
export interface EngineNews {
  /** Plans that wait for approval, in the order in which they came. */
  readonly waiting: readonly Plan[];
  /** `undefined` until it is known. */
  readonly savings: SavingsSummary | undefined;
}

type LiveSocket = Socket<ServerToDashboard, DashboardToServer>;
const TOPICS = ['decisions', 'savings'] as const;

/** Follows what waits and what is saved until the returned function is called; `onNews` gets the whole each time. */
export async function watchEngine(
  { baseUrl, token }: EngineAddress,
  onNews: (news: EngineNews) => void,
): Promise<() => void> {
  // The window does not wait for this library.
  const { io } = await import('socket.io-client');
  const socket: LiveSocket = io(`${baseUrl}/live`, { auth: { token }, transports: ['websocket'] });
  const held = new Map<string, TopicValues>();

  const take = (topic: string, values: TopicValues) => {
    held.set(topic, values);
    const decisions = held.get('decisions')?.values;
    // Without them nothing is known to wait, which is not the same as nothing waiting.
    if (!decisions) return;
    onNews({
      waiting: valuesUnder<Plan>(decisions, 'plan/').filter(({ state }) => state === 'proposed'),
      savings: held.get('savings')?.values.get('summary') as SavingsSummary | undefined,
    });
  };
  const subscribe = (topic: string) =>
    socket.emit('subscribe', { topic }, answer => {
      if (answer.ok && 'snapshot' in answer) take(topic, fromSnapshot(answer.snapshot));
    });
  const follow = (delta: LiveDelta) => {
    const before = held.get(delta.topic);
    const after = before && afterDelta(before, delta);
    if (after === undefined) subscribe(delta.topic);
    else if (after !== before) take(delta.topic, after);
  };
  socket.on('connect', () => {
    for (const topic of TOPICS) subscribe(topic);
  });
  socket.on('deltas', batch => {
    for (const delta of batch) follow(delta);
  });
  return () => socket.disconnect();
}
