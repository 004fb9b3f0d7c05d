import { randomBytes } from 'node:crypto';
import type { LiveChange, LiveDelta, LiveSnapshot, SubscribeAnswer } from '../../../common/live-topics.ts';

/** Deltas kept for each topic, so that a client that was away briefly need not load everything again. */
const HISTORY_LENGTH = 256;

interface Topic {
  seq: number;
  readonly values: Map<string, unknown>;
  readonly history: { seq: number; change: LiveChange }[];
  readonly subscribers: Set<LiveSubscriber>;
}

interface Pending {
  sentSeq: number;
  readonly changes: Map<string, { seq: number; value: unknown }>;
}

/** How a batch reaches a dashboard; resolves when the dashboard has taken it, rejects when it is gone. */
export type SendDeltas = (batch: LiveDelta[]) => Promise<void>;

/** Fills a topic when somebody looks at it first: the values it has now. */
export type TopicSource = (topic: string) => Promise<readonly LiveChange[]> | readonly LiveChange[];

/**
 * Live topics in this process: last values by key, an order, and who watches. A topic without watchers holds no
 * values unless something was published to it. What a slow dashboard has not taken yet is merged by key.
 */
export class LiveHub {
  /** Changes with each start, so that a `seq` of an earlier process is never taken for one of this. */
  readonly epoch = randomBytes(6).toString('hex');
  readonly #topics = new Map<string, Topic>();
  readonly #sources: { family: string; pattern: RegExp; source: TopicSource }[] = [];

  /** Says where the values of topics come from. `pattern` is `clusters`, or `cluster/*` for a family. */
  define(pattern: string, source: TopicSource): void {
    const text = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace('*', '[^/]+');
    this.#sources.push({ family: pattern, pattern: new RegExp(`^${text}$`), source });
  }

  /** Sets a key of a topic, or removes it with `null`, and tells everybody who watches. */
  publish(topicName: string, key: string, value: unknown): void {
    const topic = this.#topics.get(topicName);
    // Nobody has looked yet: the source answers the first look.
    if (!topic) return;
    topic.seq++;
    if (value === null) topic.values.delete(key);
    else topic.values.set(key, value);
    topic.history.push({ seq: topic.seq, change: { key, value } });
    if (topic.history.length > HISTORY_LENGTH) topic.history.shift();
    for (const subscriber of topic.subscribers) subscriber.add(topicName, topic.seq, key, value);
  }

  /** A new watcher; close it when its connection ends. */
  connect(send: SendDeltas): LiveSubscriber {
    return new LiveSubscriber(this.epoch, send);
  }

  /** Starts to watch: answers with the deltas since `afterSeq` where they are still known, else with everything. */
  async subscribe(
    subscriber: LiveSubscriber,
    request: { topic: string; epoch?: string; afterSeq?: number },
  ): Promise<SubscribeAnswer> {
    const topic = await this.#open(request.topic);
    if (!topic) return { ok: false, message: `There is no live topic "${request.topic}".` };
    topic.subscribers.add(subscriber);
    subscriber.begin(request.topic, topic.seq, () => topic.subscribers.delete(subscriber));
    const delta =
      request.epoch === this.epoch
        ? deltaSince(request.topic, this.epoch, topic, request.afterSeq)
        : undefined;
    if (delta) return { ok: true, delta };
    const values = [...topic.values].map(([key, value]) => ({ key, value }));
    const snapshot: LiveSnapshot = { topic: request.topic, epoch: this.epoch, seq: topic.seq, values };
    return { ok: true, snapshot };
  }

  /** How many watchers each topic, or family of topics as it was defined, has. */
  subscriptions(): ReadonlyMap<string, number> {
    const counts = new Map(this.#sources.map(({ family }) => [family, 0]));
    for (const [name, { subscribers }] of this.#topics) {
      const family = this.#sources.find(({ pattern }) => pattern.test(name))?.family ?? name;
      counts.set(family, (counts.get(family) ?? 0) + subscribers.size);
    }
    return counts;
  }

  async #open(name: string): Promise<Topic | undefined> {
    const known = this.#topics.get(name);
    if (known) return known;
    const source = this.#sources.find(({ pattern }) => pattern.test(name));
    if (!source) return undefined;
    // Registered before the source is asked, so that nothing published meanwhile is lost.
    const topic: Topic = { seq: 0, values: new Map(), history: [], subscribers: new Set() };
    this.#topics.set(name, topic);
    try {
      for (const { key, value } of await source.source(name))
        if (!topic.values.has(key)) topic.values.set(key, value);
    } catch (error) {
      this.#topics.delete(name);
      throw error;
    }
    return topic;
  }
}

/** One dashboard's backlog: at most one batch under way, the rest merged by topic and key. */
export class LiveSubscriber {
  readonly #epoch: string;
  readonly #send: SendDeltas;
  readonly #pending = new Map<string, Pending>();
  readonly #leave = new Map<string, () => void>();
  #sending = false;

  constructor(epoch: string, send: SendDeltas) {
    this.#epoch = epoch;
    this.#send = send;
  }

  /** Called by the hub: from now on changes after `seq` are sent. */
  begin(topic: string, seq: number, leave: () => void): void {
    this.#pending.set(topic, { sentSeq: seq, changes: new Map() });
    this.#leave.set(topic, leave);
  }

  /** Called by the hub for each change. */
  add(topic: string, seq: number, key: string, value: unknown): void {
    const pending = this.#pending.get(topic);
    if (!pending) return;
    pending.changes.set(key, { seq, value });
    if (!this.#sending) void this.#flush();
  }

  /** Stops watching a topic. */
  end(topic: string): void {
    this.#leave.get(topic)?.();
    this.#leave.delete(topic);
    this.#pending.delete(topic);
  }

  /** Stops watching everything. */
  close(): void {
    for (const topic of [...this.#leave.keys()]) this.end(topic);
  }

  async #flush(): Promise<void> {
    this.#sending = true;
    try {
      // Changes of the same moment travel together.
      await new Promise(resolve => setImmediate(resolve));
      for (let batch = this.#take(); batch.length > 0; batch = this.#take()) await this.#send(batch);
    } catch {
      this.close();
    } finally {
      this.#sending = false;
    }
  }

  #take(): LiveDelta[] {
    const batch: LiveDelta[] = [];
    for (const [topic, pending] of this.#pending) {
      if (pending.changes.size === 0) continue;
      const entries = [...pending.changes];
      const seq = entries.reduce((newest, [, change]) => Math.max(newest, change.seq), pending.sentSeq);
      const changes = entries.map(([key, { value }]) => ({ key, value }));
      batch.push({ topic, epoch: this.#epoch, afterSeq: pending.sentSeq, seq, changes });
      pending.sentSeq = seq;
      pending.changes.clear();
    }
    return batch;
  }
}

function deltaSince(
  name: string,
  epoch: string,
  topic: Topic,
  afterSeq: number | undefined,
): LiveDelta | undefined {
  if (afterSeq === undefined || afterSeq > topic.seq) return undefined;
  const oldest = topic.history[0]?.seq ?? topic.seq + 1;
  if (afterSeq < oldest - 1) return undefined;
  const merged = new Map<string, unknown>();
  for (const { seq, change } of topic.history) if (seq > afterSeq) merged.set(change.key, change.value);
  const changes = [...merged].map(([key, value]) => ({ key, value }));
  return { topic: name, epoch, afterSeq, seq: topic.seq, changes };
}
