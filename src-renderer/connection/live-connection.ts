import type { Socket } from 'socket.io-client';
import type { DashboardToServer, LiveDelta, ServerToDashboard } from '../../common/live-topics.ts';
import { afterDelta, fromSnapshot, type TopicValues } from '../../common/live-values.ts';
import type { Address } from './api-client.ts';

/** How long a topic stays subscribed after its last reader left, so that going back and forth loads nothing. */
const LINGER_MS = 30_000;

/** State of the wire; `since` is when it became so. */
export interface LiveState {
  readonly phase: 'connecting' | 'live' | 'resyncing' | 'offline';
  readonly since: number;
  /** Moment up to which the values are known to be right. */
  readonly freshAt: number | undefined;
}

/** What a reader sees of a topic: nothing yet, values, or why there are none. */
export interface TopicView {
  readonly held: TopicValues | undefined;
  readonly problem: string | undefined;
}

interface Watched {
  view: TopicView;
  readonly listeners: Set<() => void>;
  lingering: ReturnType<typeof setTimeout> | undefined;
}

type LiveSocket = Socket<ServerToDashboard, DashboardToServer>;

const EMPTY: TopicView = { held: undefined, problem: undefined };

/**
 * Live topics over one Socket.IO connection: snapshot, ordered deltas, and a new subscription on any gap. The library is loaded beside the
 * first page, which shows what calls answer before anything is live.
 */
export class LiveConnection {
  #socket: LiveSocket | undefined;
  #isClosed = false;
  readonly #topics = new Map<string, Watched>();
  readonly #stateListeners = new Set<() => void>();
  readonly #now: () => number;
  readonly #awaited = new Set<string>();
  #state: LiveState;

  constructor(address: Address, now: () => number, onSignedOut: () => void) {
    this.#now = now;
    this.#state = { phase: 'connecting', since: now(), freshAt: undefined };
    void import('socket.io-client').then(
      ({ io }) => {
        if (!this.#isClosed) this.#connect(io(`${address.baseUrl}/live`, optionsOf(address)), onSignedOut);
      },
      () => this.#enter('offline'),
    );
  }

  /** Watches a topic until the returned function is called; `onChange` says that `view` gives something new. */
  watch(topic: string, onChange: () => void): () => void {
    const watched = this.#topics.get(topic) ?? this.#open(topic);
    clearTimeout(watched.lingering);
    watched.lingering = undefined;
    watched.listeners.add(onChange);
    return () => {
      watched.listeners.delete(onChange);
      if (watched.listeners.size > 0) return;
      watched.lingering = setTimeout(() => this.#forget(topic), LINGER_MS);
    };
  }

  /** What is known of a topic. The same object until something changes. */
  view(topic: string): TopicView {
    return this.#topics.get(topic)?.view ?? EMPTY;
  }

  /** State of the wire. The same object until it changes. */
  state(): LiveState {
    return this.#state;
  }

  /** Calls back when the state of the wire changes. */
  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Ends the connection for good. */
  close(): void {
    for (const { lingering } of this.#topics.values()) clearTimeout(lingering);
    this.#isClosed = true;
    this.#socket?.disconnect();
  }

  #connect(socket: LiveSocket, onSignedOut: () => void): void {
    this.#socket = socket;
    socket.on('connect', () => {
      this.#enter('resyncing');
      for (const topic of this.#topics.keys()) this.#subscribe(topic);
      this.#settle();
    });
    socket.on('disconnect', reason => {
      this.#awaited.clear();
      this.#enter('offline');
      // The server cut us off on purpose; the library does not come back by itself then.
      if (reason === 'io server disconnect') socket.connect();
    });
    socket.on('connect_error', error => {
      if (error.message === 'access.unauthenticated') onSignedOut();
      this.#enter('offline');
    });
    socket.on('deltas', batch => {
      // An awaited answer holds whatever comes before it.
      for (const delta of batch) if (!this.#awaited.has(delta.topic)) this.#take(delta);
    });
  }

  #open(topic: string): Watched {
    const watched: Watched = { view: EMPTY, listeners: new Set(), lingering: undefined };
    this.#topics.set(topic, watched);
    if (this.#socket?.connected) this.#subscribe(topic);
    return watched;
  }

  #forget(topic: string): void {
    this.#topics.delete(topic);
    this.#awaited.delete(topic);
    if (this.#socket?.connected) this.#socket.emit('unsubscribe', { topic });
  }

  #subscribe(topic: string): void {
    const held = this.#topics.get(topic)?.view.held;
    // After a gap the held values stay readable until the answer puts them right.
    this.#awaited.add(topic);
    this.#socket?.emit(
      'subscribe',
      { topic, ...(held ? { epoch: held.epoch, afterSeq: held.seq } : {}) },
      answer => {
        this.#awaited.delete(topic);
        if (!answer.ok) this.#show(topic, { held, problem: answer.message });
        else if ('snapshot' in answer)
          this.#show(topic, { held: fromSnapshot(answer.snapshot), problem: undefined });
        else this.#take(answer.delta);
        this.#settle();
      },
    );
  }

  #take(delta: LiveDelta): void {
    const held = this.#topics.get(delta.topic)?.view.held;
    if (!held) return;
    const next = afterDelta(held, delta);
    if (next === undefined) {
      this.#enter('resyncing');
      this.#subscribe(delta.topic);
    } else if (next !== held) this.#show(delta.topic, { held: next, problem: undefined });
  }

  #show(topic: string, view: TopicView): void {
    const watched = this.#topics.get(topic);
    if (!watched) return;
    watched.view = view;
    for (const listener of watched.listeners) listener();
  }

  #settle(): void {
    if (this.#awaited.size === 0 && this.#socket?.connected) this.#enter('live');
  }

  #enter(phase: LiveState['phase']): void {
    if (phase === this.#state.phase) return;
    const now = this.#now();
    const freshAt = this.#state.phase === 'live' ? now : this.#state.freshAt;
    this.#state = { phase, since: now, freshAt };
    for (const listener of this.#stateListeners) listener();
  }
}

function optionsOf({ token }: Address) {
  return {
    ...(token === undefined ? {} : { auth: { token } }),
    transports: ['websocket', 'polling'],
    reconnectionDelayMax: 5_000,
  };
}
