import type { LiveDelta, SubscribeAnswer } from '../../../common/live-topics.ts';
import { LiveHub, LiveSubscriber, type SendDeltas } from '../live/live-hub.ts';
import type { Logger } from '../log.ts';

/** How often the leader is asked for what did not come: while messages come by Redis, and while they do not. */
const ASK_EVERY_MS = 10_000;
const ASK_OFTEN_MS = 1_000;

/** What is known of a topic, and what is wanted after that. */
export interface TopicLook {
  readonly topic: string;
  readonly epoch?: string;
  readonly afterSeq?: number;
}

/** Asks the leader; one answer for each look, in order. */
export type AskLeader = (looks: readonly TopicLook[]) => Promise<readonly SubscribeAnswer[]>;

interface Relayed {
  epoch: string;
  seq: number;
  readonly values: Map<string, unknown>;
  readonly watchers: Set<LiveSubscriber>;
}

/**
 * The live topics of a replica that follows. Deltas come from the leader by Redis and are applied where they continue what
 * is known; whatever is missing is asked for: at once after a gap, every ten seconds anyway, every second while Redis is
 * away. So a topic always comes to the leader's state, also of another leader, and dashboards see an order of this hub's own.
 */
export class RelayedHub extends LiveHub {
  readonly #ask: AskLeader;
  readonly #isFast: () => boolean;
  readonly #log: Logger;
  readonly #relayed = new Map<string, Relayed>();
  readonly #families = new Set<string>();
  #running: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;
  #askedAt = 0;
  #isClosed = false;

  /** @param isFast whether deltas come by themselves at present */
  constructor(ask: AskLeader, isFast: () => boolean, log: Logger) {
    super();
    this.#ask = ask;
    this.#isFast = isFast;
    this.#log = log;
    this.#rest();
  }

  override connect(send: SendDeltas): LiveSubscriber {
    return new RelayedSubscriber(this.epoch, send, (topic, subscriber) => this.#leave(topic, subscriber));
  }

  override async subscribe(subscriber: LiveSubscriber, request: TopicLook): Promise<SubscribeAnswer> {
    const { topic } = request;
    let relayed = this.#relayed.get(topic);
    if (!relayed || relayed.watchers.size === 0) {
      const [answer] = await this.#ask([{ topic }]);
      if (!answer?.ok) return answer ?? { ok: false, message: `There is no live topic "${topic}".` };
      this.#define(topic);
      // Somebody else may have asked meanwhile.
      relayed = this.#relayed.get(topic) ?? { epoch: '', seq: 0, values: new Map(), watchers: new Set() };
      this.#relayed.set(topic, relayed);
      this.#take(topic, relayed, answer);
    }
    relayed.watchers.add(subscriber);
    return super.subscribe(subscriber, request);
  }

  /** Deltas that came by Redis. */
  receive(batch: readonly LiveDelta[]): void {
    for (const delta of batch) {
      const relayed = this.#relayed.get(delta.topic);
      if (!relayed || relayed.watchers.size === 0) continue;
      if (delta.epoch !== relayed.epoch || delta.afterSeq > relayed.seq) void this.catchUp();
      else this.#apply(delta.topic, relayed, delta);
    }
  }

  /** Asks the leader for everything that is watched; at most one question is under way, and one waits. */
  catchUp(): Promise<void> {
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      this.#running = this.#catchUpNow();
      return this.#running;
    });
    return this.#waiting;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #catchUpNow(): Promise<void> {
    const looks = [...this.#relayed]
      .filter(([, { watchers }]) => watchers.size > 0)
      .map(([topic, { epoch, seq }]) => ({ topic, epoch, afterSeq: seq }));
    if (looks.length === 0 || this.#isClosed) return;
    this.#askedAt = performance.now();
    try {
      const answers = await this.#ask(looks);
      for (const [index, { topic }] of looks.entries()) {
        const [relayed, answer] = [this.#relayed.get(topic), answers[index]];
        if (relayed && answer) this.#take(topic, relayed, answer);
      }
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#log.warn({ err: error }, 'live topics cannot be brought up to date now');
      this.#hasFailed = true;
    }
  }

  #rest(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      const isDue = performance.now() - this.#askedAt >= ASK_EVERY_MS;
      const asked = isDue || this.#hasFailed || !this.#isFast() ? this.catchUp() : Promise.resolve();
      void asked.then(() => this.#rest());
    }, ASK_OFTEN_MS);
  }

  #take(topic: string, relayed: Relayed, answer: SubscribeAnswer): void {
    if (!answer.ok) return;
    if ('delta' in answer) {
      if (answer.delta.epoch === relayed.epoch) this.#apply(topic, relayed, answer.delta);
      return;
    }
    const { epoch, seq, values } = answer.snapshot;
    if (epoch === relayed.epoch && seq < relayed.seq) return;
    const kept = new Set(values.map(({ key }) => key));
    for (const key of [...relayed.values.keys()]) if (!kept.has(key)) this.#set(topic, relayed, key, null);
    for (const { key, value } of values) {
      const isSame =
        relayed.values.has(key) && JSON.stringify(relayed.values.get(key)) === JSON.stringify(value);
      if (!isSame) this.#set(topic, relayed, key, value);
    }
    relayed.epoch = epoch;
    relayed.seq = seq;
  }

  /** The values of a delta are those at its end, so that one that overlaps what is known does no harm. */
  #apply(topic: string, relayed: Relayed, { seq, changes }: LiveDelta): void {
    if (seq <= relayed.seq) return;
    for (const { key, value } of changes) this.#set(topic, relayed, key, value);
    relayed.seq = seq;
  }

  #set(topic: string, relayed: Relayed, key: string, value: unknown): void {
    if (value === null) relayed.values.delete(key);
    else relayed.values.set(key, value);
    this.publish(topic, key, value);
  }

  #define(topic: string): void {
    const family = topic.replace(/\/.*$/, '/*');
    if (this.#families.has(family)) return;
    this.#families.add(family);
    this.define(family, name =>
      [...(this.#relayed.get(name)?.values ?? [])].map(([key, value]) => ({ key, value })),
    );
  }

  #leave(topic: string, subscriber: LiveSubscriber): void {
    // A topic that nobody watches any more is put right when somebody looks again.
    this.#relayed.get(topic)?.watchers.delete(subscriber);
  }
}

class RelayedSubscriber extends LiveSubscriber {
  readonly #left: (topic: string, subscriber: LiveSubscriber) => void;

  constructor(epoch: string, send: SendDeltas, left: (topic: string, subscriber: LiveSubscriber) => void) {
    super(epoch, send);
    this.#left = left;
  }

  override end(topic: string): void {
    super.end(topic);
    this.#left(topic, this);
  }
}
