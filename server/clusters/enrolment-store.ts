import type { Transaction } from 'kysely';
import { type Database, inRows, type RowStatement } from '../platform/index.ts';
import type { ClusterTables } from './cluster-tables.ts';

export type ClusterRow = ClusterTables['clusters'];
export type AgentRow = ClusterTables['agents'];
export type JoinTokenRow = ClusterTables['join_tokens'];
type Work = Transaction<ClusterTables>;

/** What decides whether an agent is heard, and from where on. */
export type Speaker = Pick<
  AgentRow & ClusterRow,
  | 'id'
  | 'revoked_at'
  | 'boot_epoch'
  | 'acked_seq'
  | 'needs_snapshot'
  | 'missed_messages'
  | 'leader_epoch'
  | 'leader_agent_id'
>;

/** How far an agent's messages are on disk. */
export type MovedCursor = Pick<
  AgentRow,
  'id' | 'boot_epoch' | 'acked_seq' | 'needs_snapshot' | 'missed_messages'
>;

const FIND_SPEAKERS: RowStatement = {
  row: '(cast(? as text))',
  text: values => `with asked (id) as (values ${values})
    select agents.id, agents.revoked_at, boot_epoch, acked_seq, needs_snapshot, missed_messages, leader_epoch, leader_agent_id
    from asked join agents on agents.id = asked.id join clusters on clusters.id = agents.cluster_id`,
};

const MOVE_CURSORS: RowStatement = {
  row: '(cast(? as text), cast(? as bigint), cast(? as bigint), cast(? as integer), cast(? as bigint))',
  text: values => `with moved (id, boot, acked, needs, missed) as (values ${values})
    update agents set boot_epoch = moved.boot, acked_seq = moved.acked, needs_snapshot = moved.needs, missed_messages = moved.missed
    from moved where agents.id = moved.id`,
};

const NOTE_SEEN: RowStatement = {
  row: '(cast(? as text), cast(? as bigint))',
  text: values => `with seen (id, at) as (values ${values})
    update clusters set last_seen_at = seen.at from seen where clusters.id = seen.id`,
};

/** Clusters, their agents and join tokens. Secrets are kept as hashes only. */
export class EnrolmentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Runs `work` in a transaction that commits before this resolves. */
  write<Result>(work: (transaction: Work) => Promise<Result>): Promise<Result> {
    return this.#database.write<ClusterTables, Result>(work);
  }

  listClusters(): Promise<ClusterRow[]> {
    return this.#database
      .reader<ClusterTables>()
      .selectFrom('clusters')
      .selectAll()
      .orderBy('name')
      .execute();
  }

  /** Agents whose keys are alive. */
  listAgents(): Promise<AgentRow[]> {
    return this.#database
      .reader<ClusterTables>()
      .selectFrom('agents')
      .selectAll()
      .where('revoked_at', 'is', null)
      .execute();
  }

  /** The agent with this id, revoked or not. */
  findAgent(agentId: string): Promise<AgentRow | undefined> {
    return this.#database
      .reader<ClusterTables>()
      .selectFrom('agents')
      .selectAll()
      .where('id', '=', agentId)
      .executeTakeFirst();
  }

  findAgentIn(transaction: Work, agentId: string): Promise<AgentRow | undefined> {
    return transaction.selectFrom('agents').selectAll().where('id', '=', agentId).executeTakeFirst();
  }

  /** Agents with who leads their clusters, of many at once; those that are not known are left out. */
  async findSpeakersIn(transaction: Work, agentIds: readonly string[]): Promise<Map<string, Speaker>> {
    const rows = await inRows<Speaker>(
      transaction,
      this.#database.kind,
      FIND_SPEAKERS,
      agentIds.map(id => [id]),
    );
    return new Map(rows.map(row => [row.id, row]));
  }

  /** Moves the cursors of many agents. */
  async moveCursorsIn(transaction: Work, moved: readonly MovedCursor[]): Promise<void> {
    const rows = moved.map(row => [
      row.id,
      row.boot_epoch,
      row.acked_seq,
      row.needs_snapshot,
      row.missed_messages,
    ]);
    await inRows(transaction, this.#database.kind, MOVE_CURSORS, rows);
  }

  /** Writes when clusters were last seen, ms UTC. */
  async noteSeenIn(
    transaction: Work,
    seen: readonly { readonly id: string; readonly lastSeenAt: number | null }[],
  ): Promise<void> {
    const rows = seen.map(({ id, lastSeenAt }) => [id, lastSeenAt]);
    await inRows(transaction, this.#database.kind, NOTE_SEEN, rows);
  }

  async insertToken(row: JoinTokenRow): Promise<void> {
    await this.write(async transaction => {
      await transaction.insertInto('join_tokens').values(row).execute();
    });
  }

  findTokenIn(transaction: Work, secretHash: string): Promise<JoinTokenRow | undefined> {
    return transaction
      .selectFrom('join_tokens')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .executeTakeFirst();
  }

  /** Uses a token once; `false` when others have used it up, also on a database with concurrent writers. */
  async spendTokenIn(transaction: Work, secretHash: string, nowMs: number): Promise<boolean> {
    const result = await transaction
      .updateTable('join_tokens')
      .set(row => ({ used_at: nowMs, uses: row('uses', '+', 1) }))
      .where('secret_hash', '=', secretHash)
      .whereRef('uses', '<', 'replicas')
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }

  findClusterByNameIn(transaction: Work, name: string): Promise<ClusterRow | undefined> {
    return transaction.selectFrom('clusters').selectAll().where('name', '=', name).executeTakeFirst();
  }

  findClusterIn(transaction: Work, id: string): Promise<ClusterRow | undefined> {
    return transaction.selectFrom('clusters').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async insertClusterIn(transaction: Work, row: ClusterRow): Promise<void> {
    await transaction.insertInto('clusters').values(row).execute();
  }

  async updateClusterIn(transaction: Work, id: string, values: Partial<ClusterRow>): Promise<void> {
    await transaction.updateTable('clusters').set(values).where('id', '=', id).execute();
  }

  async insertAgentIn(transaction: Work, row: AgentRow): Promise<void> {
    await transaction.insertInto('agents').values(row).execute();
  }

  async updateAgentIn(transaction: Work, id: string, values: Partial<AgentRow>): Promise<void> {
    await transaction.updateTable('agents').set(values).where('id', '=', id).execute();
  }

  /** Agents that are not revoked and whose key was set at `ms` or before. */
  listKeysUntil(ms: number): Promise<AgentRow[]> {
    return this.#database
      .reader<ClusterTables>()
      .selectFrom('agents')
      .selectAll()
      .where('revoked_at', 'is', null)
      .where(({ fn }) => fn.coalesce('key_set_at', 'enrolled_at'), '<=', ms)
      .execute();
  }

  /** Has the key of a cluster's agent replaced as soon as possible. */
  async makeKeysDueIn(transaction: Work, clusterId: string): Promise<void> {
    await transaction
      .updateTable('agents')
      .set({ key_set_at: 0 })
      .where('cluster_id', '=', clusterId)
      .where('revoked_at', 'is', null)
      .execute();
  }

  /** Lets a new key work beside the present one; a key that was offered before and never used works no more. */
  async offerKeyIn(transaction: Work, agentId: string, keyHash: string): Promise<void> {
    await this.updateAgentIn(transaction, agentId, { next_key_hash: keyHash });
  }

  /** The offered key was used: the one before it works no more. Does nothing when another was offered meanwhile. */
  async settleKeyIn(transaction: Work, agentId: string, keyHash: string, nowMs: number): Promise<void> {
    await transaction
      .updateTable('agents')
      .set({ key_hash: keyHash, next_key_hash: null, key_set_at: nowMs })
      .where('id', '=', agentId)
      .where('next_key_hash', '=', keyHash)
      .execute();
  }

  /**
   * Revokes every agent of a cluster; answers with those that were not revoked before.
   * @param exceptOf hash of a join token, whose agents keep their keys
   */
  async revokeAgentsIn(
    transaction: Work,
    clusterId: string,
    nowMs: number,
    exceptOf?: string,
  ): Promise<string[]> {
    const rows = await transaction
      .selectFrom('agents')
      .select(['id', 'join_hash'])
      .where('cluster_id', '=', clusterId)
      .where('revoked_at', 'is', null)
      .execute();
    const dead = rows.filter(row => exceptOf === undefined || row.join_hash !== exceptOf).map(({ id }) => id);
    if (dead.length > 0)
      await transaction.updateTable('agents').set({ revoked_at: nowMs }).where('id', 'in', dead).execute();
    return dead;
  }
}
