import { AppError } from '../../common/errors.ts';
import { MS_PER_MINUTE } from '../../common/units/index.ts';
import { type Clock, hashSecret, newId, newSecret } from '../platform/index.ts';
import type { ClusterRow, EnrolmentStore } from './enrolment-store.ts';
import { demandHome } from './home-of-cluster.ts';

const JOIN_TOKEN_MS = 15 * MS_PER_MINUTE;

/** A key for one agent of one cluster; the key is told this once. */
export interface Enrolled {
  readonly agentId: string;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly key: string;
}

/** Agents whose keys have just died, and why. */
export interface DeadAgents {
  readonly clusterId: string;
  readonly agentIds: readonly string[];
  readonly reason: string;
}

/** What enrolment tells the rest of the room, after the commit. */
export interface EnrolmentListener {
  clusterChanged(row: ClusterRow): void;
  agentsDied(dead: DeadAgents): Promise<void>;
}

/**
 * Join tokens, keys and their end. A cluster has one agent, whose replicas enrol with the same join token and have a key each.
 * Enrolling with another token under the same name keeps the cluster (id, history, inventory) and gives a new agent id and
 * key; the keys before it die with the same commit, because whoever enrols anew has lost the old key or no longer trusts it.
 */
export class Enrolment {
  readonly #store: EnrolmentStore;
  readonly #clock: Clock;
  readonly #listener: EnrolmentListener;

  constructor(store: EnrolmentStore, clock: Clock, listener: EnrolmentListener) {
    this.#store = store;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** A token of 256 random bits for the agent of the named cluster; works once for each replica, for 15 minutes. */
  async createJoinToken(
    clusterName: string,
    replicas = 1,
  ): Promise<{ token: string; expiresAt: number; clusterName: string }> {
    const token = newSecret();
    const createdAt = this.#clock.now();
    const expiresAt = createdAt + JOIN_TOKEN_MS;
    await this.#store.insertToken({
      secret_hash: hashSecret(token),
      cluster_name: clusterName,
      created_at: createdAt,
      expires_at: expiresAt,
      used_at: null,
      replicas,
      uses: 0,
    });
    return { token, expiresAt, clusterName };
  }

  /**
   * Exchanges a join token for a key.
   * @throws AppError `access.join-token-expired`; `access.join-token-invalid` when unknown or used; `resource.conflict` for a cluster that
   * another engine acts on
   */
  async enrol(request: { joinToken: string; agentVersion: string; instanceId: string }): Promise<Enrolled> {
    const now = this.#clock.now();
    const key = newSecret();
    const { row, agentId, replaced, isFirst } = await this.#store.write(async transaction => {
      const secretHash = hashSecret(request.joinToken);
      const token = await this.#store.findTokenIn(transaction, secretHash);
      if (!token) throw new AppError('access.join-token-invalid', 'This join token is not known.');
      if (token.expires_at <= now) {
        throw new AppError(
          'access.join-token-expired',
          `The join token for cluster "${token.cluster_name}" has expired.`,
        );
      }
      if (!(await this.#store.spendTokenIn(transaction, secretHash, now))) {
        throw new AppError('access.join-token-invalid', 'This join token was used already.');
      }
      const known = await this.#store.findClusterByNameIn(transaction, token.cluster_name);
      if (known) demandHome(known);
      // Replicas have to lead in turns; from 1 on, an agent that does not is not admitted.
      const leadership = { leader_epoch: token.replicas > 1 ? 1 : 0, leader_agent_id: null };
      const cluster: ClusterRow = known
        ? { ...known, revoked_at: null, agent_version: request.agentVersion }
        : {
            id: newId('cluster'),
            name: token.cluster_name,
            enrolled_at: now,
            last_seen_at: null,
            agent_version: request.agentVersion,
            revoked_at: null,
            task_epoch: 0,
            inventory_at: null,
            kubernetes_version: null,
            home_epoch: 1,
            moved_to: null,
            came_from: null,
            ...leadership,
          };
      const dead = known ? await this.#store.revokeAgentsIn(transaction, known.id, now, secretHash) : [];
      if (known) {
        await this.#store.updateClusterIn(transaction, known.id, {
          revoked_at: null,
          agent_version: request.agentVersion,
          ...(token.uses === 0 ? leadership : {}),
        });
      } else await this.#store.insertClusterIn(transaction, cluster);
      const id = newId<string>('agent');
      await this.#store.insertAgentIn(transaction, {
        id,
        cluster_id: cluster.id,
        key_hash: hashSecret(key),
        next_key_hash: null,
        key_set_at: now,
        instance_id: request.instanceId,
        enrolled_at: now,
        revoked_at: null,
        boot_epoch: 0,
        acked_seq: 0,
        needs_snapshot: 1,
        protocol: null,
        missed_messages: 0,
        join_hash: secretHash,
      });
      return { row: cluster, agentId: id, replaced: dead, isFirst: token.uses === 0 };
    });
    this.#listener.clusterChanged(row);
    const reason = 'A new agent was enrolled for this cluster before the task had ended.';
    // Another replica of an agent that goes on ends nothing.
    if (isFirst) await this.#listener.agentsDied({ clusterId: row.id, agentIds: replaced, reason });
    return { agentId, clusterId: row.id, clusterName: row.name, key };
  }

  /** Revokes the key of a cluster's agent; its connection is cut as soon as this is committed. */
  async revoke(cluster: { id: string; name: string }): Promise<void> {
    const now = this.#clock.now();
    const { agentIds, row } = await this.#store.write(async transaction => {
      const dead = await this.#store.revokeAgentsIn(transaction, cluster.id, now);
      await this.#store.updateClusterIn(transaction, cluster.id, { revoked_at: now });
      return {
        agentIds: dead,
        row: await this.#store.findClusterByNameIn(transaction, cluster.name),
      };
    });
    const reason = 'The agent was revoked before the task had ended.';
    const told = this.#listener.agentsDied({ clusterId: cluster.id, agentIds, reason });
    if (row) this.#listener.clusterChanged(row);
    await told;
  }
}
