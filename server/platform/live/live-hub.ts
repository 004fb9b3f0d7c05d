import { randomBytes } from 'node:crypto';
import type { LiveChange, LiveDelta, LiveSnapshot, SubscribeAnswer } from '../../../common/live-topics.ts';

/** Removed keys that a topic remembers, so that a client that was away briefly need not load everything again. */
const REMOVED_KEPT = 256;

interface Topic {
  readonly name: string;
  seq: number;
  /** The last change of every key; those that were removed hold `null`. */
  readonly entries: Map<string, { readonly seq: number; readonly value: unknown }>;
  readonly removed: Set<string>;
  /** Removals up to this one may be forgotten. */
  forgottenSeq: number;
  readonly subscribers: Set<LiveSubscriber>;
  /** Resolves when its source has answered; rejects when that failed. */
  readonly whole: Promise<void>;
  /** The newest delta: most subscribers stand at the same place and get the same one. */
  delta: LiveDelta | undefined;
}

/**
 * How a batch reaches a dashboard; resolves when its connection has taken it, rejects when it is gone. Dashboards that stand at the same
 * place are given the same deltas, so that a delta need be encoded once.
 */
export type SendDeltas = (batch: LiveDelta[]) => Promise<void>;

/** Fills a topic when somebody looks at it first: the values it has now. */
export type TopicSource = (topic: string) => Promise<readonly LiveChange[]> | readonly LiveChange[];

/**
 * Live topics in this process: last values by key, an order, and who watches. A topic that nobody has looked at holds no values. What a
 * slow dashboard has not taken yet costs no memory: it is read from the values when the dashboard can take more.
 */
export class LiveHub {
  /** Changes with each start, so that a `seq` of an earlier process is never taken for one of this. */
  readonly epoch = randomBytes(6).toString('hex');
  readonly #topics = new Map<string, Topic>();
  readonly #sources: { family: string; pattern: RegExp; source: TopicSource }[] = [];
  /** Topics with changes that were not sent yet. */
  readonly #changed = new Set<Topic>();

  /** Says where the values of topics come from. `pattern` is `clusters`, or `cluster/*` for a family. */
  define(pattern: string, source: TopicSource): void {
    const text = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace('*', '[^/]+');
    this.#sources.push({ family: pattern, pattern: new RegExp(`^${text}$`), source });
  }

  /** Whether somebody has looked at a topic: to others nothing need be published. */
  isOpen(topicName: string): boolean {
    return this.#topics.has(topicName);
  }

  /** Sets a key of a topic, or removes it with `null`, and tells everybody who watches. */
  publish(topicName: string, key: string, value: unknown): void {
    const topic = this.#topics.get(topicName);
    // Nobody has looked yet: the source answers the first look.
    if (!topic) return;
    topic.seq++;
    topic.entries.set(key, { seq: topic.seq, value });
    topic.removed.delete(key);
    if (value === null) {
      topic.removed.add(key);
      if (topic.removed.size > REMOVED_KEPT) forgetRemoved(topic);
    }
    if (topic.subscribers.size === 0) return;
    // Changes of the same moment travel together.
    if (this.#changed.size === 0) setImmediate(() => this.#send());
    this.#changed.add(topic);
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
    subscriber.begin(topic);
    const { epoch, afterSeq } = request;
    const isKnown = epoch === this.epoch && afterSeq !== undefined && afterSeq <= topic.seq;
    if (isKnown && afterSeq >= topic.forgottenSeq) {
      return { ok: true, delta: deltaSince(topic, this.epoch, afterSeq) };
    }
    const values: LiveChange[] = [];
    for (const [key, { value }] of topic.entries) if (value !== null) values.push({ key, value });
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

  #send(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const { subscribers } of changed) for (const subscriber of subscribers) subscriber.send();
  }

  async #open(name: string): Promise<Topic | undefined> {
    const known = this.#topics.get(name);
    const source = known ? undefined : this.#sources.find(({ pattern }) => pattern.test(name));
    const topic = known ?? (source && this.#fill(name, source.source));
    // Whoever looks while the source is asked waits for its answer too.
    await topic?.whole;
    return topic;
  }

  #fill(name: string, source: TopicSource): Topic {
    const fill = async (): Promise<void> => {
      try {
        for (const { key, value } of await source(name))
          if (!topic.entries.has(key)) topic.entries.set(key, { seq: 0, value });
      } catch (error) {
        this.#topics.delete(name);
        throw error;
      }
    };
    const topic: Topic = {
      name,
      seq: 0,
      entries: new Map(),
      removed: new Set(),
      forgottenSeq: 0,
      subscribers: new Set(),
      delta: undefined,
      // Not at once: the topic has to be there first, so that nothing published meanwhile is lost.
      whole: Promise.resolve().then(fill),
    };
    this.#topics.set(name, topic);
    return topic;
  }
}

/** One dashboard: how far it was told of each topic, and at most one batch under way. */
export class LiveSubscriber {
  readonly #epoch: string;
  readonly #send: SendDeltas;
  /** Up to which change it was told. */
  readonly #told = new Map<Topic, number>();
  #isSending = false;

  constructor(epoch: string, send: SendDeltas) {
    this.#epoch = epoch;
    this.#send = send;
  }

  /** Called by the hub: from now on changes are sent. */
  begin(topic: Topic): void {
    topic.subscribers.add(this);
    this.#told.set(topic, topic.seq);
  }

  /** Called by the hub when there is something to tell, and not before the last batch was taken. */
  send(): void {
    if (this.#isSending) return;
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#isSending = true;
    this.#send(batch).then(
      () => {
        this.#isSending = false;
        this.send();
      },
      () => this.close(),
    );
  }

  /** The change up to which it was told of a topic, or will be by what is under way; `undefined` when it does not watch it. */
  toldOf(topic: Topic): number | undefined {
    return this.#told.get(topic);
  }

  /** Stops watching a topic. */
  end(topicName: string): void {
    for (const topic of this.#told.keys()) {
      if (topic.name !== topicName) continue;
      topic.subscribers.delete(this);
      this.#told.delete(topic);
    }
  }

  /** Stops watching everything. */
  close(): void {
    for (const { name } of [...this.#told.keys()]) this.end(name);
  }

  #take(): LiveDelta[] {
    const batch: LiveDelta[] = [];
    for (const [topic, toldSeq] of this.#told) {
      if (toldSeq === topic.seq) continue;
      batch.push(deltaSince(topic, this.#epoch, toldSeq));
      this.#told.set(topic, topic.seq);
    }
    return batch;
  }
}

/** What leads from `afterSeq` to now; the same object for all who stand there. */
function deltaSince(topic: Topic, epoch: string, afterSeq: number): LiveDelta {
  const { name, delta: known, seq } = topic;
  if (known?.afterSeq === afterSeq && known.seq === seq) return known;
  const changes: LiveChange[] = [];
  for (const [key, entry] of topic.entries) {
    if (entry.seq > afterSeq) changes.push({ key, value: entry.value });
  }
  const delta = { topic: name, epoch, afterSeq, seq, changes };
  topic.delta = delta;
  return delta;
}

/** Forgets the oldest removals that every subscriber was told of, down to as many as are kept. */
function forgetRemoved(topic: Topic): void {
  let toldSeq = topic.seq;
  for (const subscriber of topic.subscribers)
    toldSeq = Math.min(toldSeq, subscriber.toldOf(topic) ?? topic.seq);
  for (const key of topic.removed) {
    if (topic.removed.size <= REMOVED_KEPT) return;
    const seq = topic.entries.get(key)?.seq ?? 0;
    if (seq > toldSeq) return;
    topic.removed.delete(key);
    topic.entries.delete(key);
    topic.forgottenSeq = seq;
  }
}
