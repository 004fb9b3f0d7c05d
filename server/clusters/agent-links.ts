import type { AgentTask } from '../../common/agent-protocol/index.ts';

/** A live connection of an agent: a socket, or a poll that is kept open until it has something to say. */
export interface AgentLink {
  readonly agentId: string;
  readonly clusterId: string;
  readonly bootEpoch: number;
  /** A poll ends with the first thing that it says, so it is told what is due, not all that is open. */
  readonly isPoll: boolean;
  /** Of replicas that lead in turns. */
  readonly leaderEpoch?: number | undefined;
  offer(task: AgentTask): void;
  cancel(taskId: string): void;
  resync(): void;
  /** The agent said that it can store a new key. */
  readonly takesKeys: boolean;
  /** Gives the agent a new key. `true`: it is on the agent's disk; `false`: that shows at its first use, if ever. */
  offerKey(key: string): Promise<boolean>;
  /** Ends the connection at once. */
  cut(): void;
}

/** Who is connected: one connection for each cluster, of the newest leader and the newest start of the agent that counts there. */
export class AgentLinks {
  readonly #links = new Map<string, AgentLink>();
  readonly #dead = new Set<string>();

  /**
   * Enters a connection; an earlier one of the same cluster is cut. A connection whose agent was revoked, started
   * anew, or was followed by another leader between its handshake and now is cut instead.
   * @returns `false` when it was cut
   */
  attach(link: AgentLink): boolean {
    const known = this.#links.get(link.clusterId);
    const isOutdated =
      known !== undefined &&
      (known.agentId === link.agentId
        ? known.bootEpoch > link.bootEpoch
        : (known.leaderEpoch ?? 0) > (link.leaderEpoch ?? 0));
    if (this.#dead.has(link.agentId) || isOutdated) {
      link.cut();
      return false;
    }
    this.#links.set(link.clusterId, link);
    known?.cut();
    return true;
  }

  /** `false` when another connection had taken its place already. */
  detach(link: AgentLink): boolean {
    if (this.#links.get(link.clusterId) !== link) return false;
    this.#links.delete(link.clusterId);
    return true;
  }

  of(clusterId: string): AgentLink | undefined {
    return this.#links.get(clusterId);
  }

  all(): AgentLink[] {
    return [...this.#links.values()];
  }

  /** Cuts agents whose keys are dead, and keeps out the ones that are just coming in. */
  bury(agentIds: readonly string[]): void {
    for (const agentId of agentIds) this.#dead.add(agentId);
    for (const link of this.all()) {
      if (!this.#dead.has(link.agentId)) continue;
      this.#links.delete(link.clusterId);
      link.cut();
    }
  }
}
