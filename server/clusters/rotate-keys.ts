import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';
import { type AuditLog, type Clock, hashSecret, type Logger, newSecret } from '../platform/index.ts';
import type { AgentLink, AgentLinks } from './agent-links.ts';
import type { EnrolmentStore } from './enrolment-store.ts';

const KEY_AGE_MS = MS_PER_DAY;
const LOOK_MS = MS_PER_MINUTE;

/**
 * New keys for connected agents, once a day or when asked for. The hash of a new key is committed before the agent hears of
 * it, and the key before it works until the new one is used: whoever is killed in between, the agent has a key that works.
 */
export class KeyRotation {
  readonly #store: EnrolmentStore;
  readonly #links: AgentLinks;
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #offeredAt = new Map<string, number>();
  #lookedAt = 0;

  constructor(parts: {
    store: EnrolmentStore;
    links: AgentLinks;
    audit: AuditLog;
    clock: Clock;
    log: Logger;
  }) {
    this.#store = parts.store;
    this.#links = parts.links;
    this.#audit = parts.audit;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Looks for old keys once a minute, and offers new ones without waiting for the agents. */
  async sweep(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    for (const row of await this.#store.listKeysUntil(now - KEY_AGE_MS)) {
      const link = this.#links.of(row.cluster_id);
      if (!link?.takesKeys || link.agentId !== row.id) continue;
      // A key that is just being stored must not be replaced by another one.
      if (now - (this.#offeredAt.get(row.id) ?? 0) < LOOK_MS) continue;
      this.#offer(link).catch((error: unknown) =>
        this.#log.error({ err: error, clusterId: link.clusterId }, 'a new key could not be offered'),
      );
    }
  }

  /**
   * Makes the key of a cluster's agent due, and offers a new one at once where the agent is connected.
   * @throws AppError `cluster.agent-outdated` when the connected agent cannot store a new key
   */
  async rotate(cluster: { id: string; name: string }): Promise<void> {
    const link = this.#links.of(cluster.id);
    if (link && !link.takesKeys) {
      throw new AppError(
        'cluster.agent-outdated',
        `The agent of cluster "${cluster.name}" is too old to store a new key.`,
      );
    }
    await this.#store.write(transaction => this.#store.makeKeysDueIn(transaction, cluster.id));
    if (link) await this.#offer(link);
    else this.#lookedAt = 0;
  }

  async #offer(link: AgentLink): Promise<void> {
    const { agentId, clusterId } = link;
    this.#offeredAt.set(agentId, this.#clock.now());
    const key = newSecret();
    const keyHash = hashSecret(key);
    await this.#store.write(async transaction => {
      await this.#audit.recordIn(transaction, {
        actor: 'CloudOptim',
        action: 'agent.offer-key',
        subject: clusterId,
        detail: { agentId },
      });
      await this.#store.offerKeyIn(transaction, agentId, keyHash);
    });
    if (!(await link.offerKey(key))) return;
    await this.#store.write(transaction =>
      this.#store.settleKeyIn(transaction, agentId, keyHash, this.#clock.now()),
    );
  }
}
