import type { AgentHealth, ClusterSummary } from '../../common/contracts/index.ts';
import type { LiveChange } from '../../common/live-topics.ts';
import type { LiveHub } from '../platform/index.ts';
import type { ClusterRegister } from './cluster-register.ts';

/** Between two rounds of publishing: four a second at most. */
const ROUND_MS = 250;
/** A sign of life alone is worth a message only this often. */
const LAST_SEEN_STEP_MS = 10_000;

/** Publishes what changed to `clusters` and `cluster/<id>`, gathered, and only keys whose value is another. */
export class ClusterPublisher {
  readonly #live: LiveHub;
  readonly #register: ClusterRegister;
  /** Names of nodes that may have changed, by cluster. */
  readonly #dirty = new Map<string, Set<string>>();
  /** JSON of what each key was last published as, by cluster. */
  readonly #published = new Map<string, Map<string, string>>();
  #round: NodeJS.Timeout | undefined;

  constructor(live: LiveHub, register: ClusterRegister) {
    this.#live = live;
    this.#register = register;
    live.define('clusters', () =>
      register.all().map(entry => ({ key: entry.id, value: register.summary(entry) })),
    );
    live.define('cluster/*', topic => this.#everything(topic.slice('cluster/'.length)));
  }

  /** Says that a cluster's summary and agent, and the named nodes, may have changed. */
  mark(clusterId: string, touched?: { readonly nodes: ReadonlySet<string> }): void {
    const dirty = this.#dirty.get(clusterId) ?? new Set();
    for (const name of touched?.nodes ?? []) dirty.add(name);
    this.#dirty.set(clusterId, dirty);
    this.#round ??= this.#startRound(0);
  }

  stop(): void {
    clearTimeout(this.#round);
    this.#dirty.clear();
  }

  #startRound(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#dirty.size === 0) {
        this.#round = undefined;
        return;
      }
      this.#publishDirty();
      this.#round = this.#startRound(ROUND_MS);
    }, delayMs).unref();
  }

  #publishDirty(): void {
    const round = [...this.#dirty];
    this.#dirty.clear();
    for (const [clusterId, nodes] of round) {
      const entry = this.#register.find(clusterId);
      if (!entry) continue;
      const topic = `cluster/${clusterId}`;
      // Thousands of clusters report, and mostly nobody looks at them.
      if (!this.#live.isOpen('clusters') && !this.#live.isOpen(topic)) continue;
      const summary = this.#register.summary(entry);
      if (this.#isNews(clusterId, 'summary', comparable(summary))) {
        this.#live.publish('clusters', clusterId, summary);
        this.#live.publish(topic, 'summary', summary);
      }
      const health = this.#register.health(entry);
      if (this.#isNews(clusterId, 'agent', comparable(health))) this.#live.publish(topic, 'agent', health);
      for (const name of nodes) {
        const view = this.#register.node(entry, name);
        if (this.#isNews(clusterId, `node/${name}`, view)) this.#live.publish(topic, `node/${name}`, view);
      }
    }
  }

  #isNews(clusterId: string, key: string, value: unknown): boolean {
    const published = this.#published.get(clusterId) ?? new Map<string, string>();
    this.#published.set(clusterId, published);
    if (value === null) {
      published.delete(key);
      return true;
    }
    const text = JSON.stringify(value);
    if (published.get(key) === text) return false;
    published.set(key, text);
    return true;
  }

  /** What somebody who looks at a cluster is shown first, and is news no more. */
  #everything(clusterId: string): LiveChange[] {
    const entry = this.#register.get(clusterId);
    const summary = this.#register.summary(entry);
    const health = this.#register.health(entry);
    const nodes = this.#register.nodes(entry);
    // What is still to be told in this round is to be told to all.
    if (!this.#dirty.has(clusterId)) {
      this.#isNews(clusterId, 'summary', comparable(summary));
      this.#isNews(clusterId, 'agent', comparable(health));
      for (const view of nodes) this.#isNews(clusterId, `node/${view.name}`, view);
    }
    return [
      { key: 'summary', value: summary },
      { key: 'agent', value: health },
      ...nodes.map(view => ({ key: `node/${view.name}`, value: view })),
    ];
  }
}

function comparable<View extends ClusterSummary | AgentHealth>(view: View): unknown {
  return { ...view, lastSeenAt: Math.floor((view.lastSeenAt ?? 0) / LAST_SEEN_STEP_MS) };
}
