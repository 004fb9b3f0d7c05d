import type { Selectable } from 'kysely';
import { MS_PER_DAY } from '../../../common/units/index.ts';
import type { Database } from '../../platform/index.ts';
import type { NoticeTables } from './notice-tables.ts';

/** A notice that is being answered. */
export interface StoredNotice {
  readonly clusterId: string;
  readonly nodeUid: string;
  readonly nodeName: string;
  readonly noticedAt: number;
  readonly actor: string;
  /** Names of the tasks, whether they were sent or not. */
  readonly cordonTask: string;
  readonly drainTask: string;
}

/** Agents tell notices of the last hour again; a month is for whoever looks back. */
const KEPT_MS = 30 * MS_PER_DAY;

/** Every query on notices. */
export class NoticeStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes that a notice is answered now. @returns `false` when one of this node was before */
  begin(notice: StoredNotice): Promise<boolean> {
    return this.#database.write<NoticeTables, boolean>(async transaction => {
      await transaction
        .deleteFrom('spot_notices')
        .where('noticed_at', '<', notice.noticedAt - KEPT_MS)
        .where('closed_at', 'is not', null)
        .execute();
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('spot_notices')
        .values({
          cluster_id: notice.clusterId,
          node_uid: notice.nodeUid,
          node_name: notice.nodeName,
          noticed_at: notice.noticedAt,
          actor: notice.actor,
          cordon_task: notice.cordonTask,
          drain_task: notice.drainTask,
        })
        .onConflict(conflict => conflict.columns(['cluster_id', 'node_uid']).doNothing())
        .executeTakeFirstOrThrow();
      return Number(numInsertedOrUpdatedRows) > 0;
    });
  }

  /** Nothing is left to do. */
  async close(
    { clusterId, nodeUid }: Pick<StoredNotice, 'clusterId' | 'nodeUid'>,
    closedAt: number,
  ): Promise<void> {
    await this.#database.write<NoticeTables, void>(async transaction => {
      await transaction
        .updateTable('spot_notices')
        .set({ closed_at: closedAt })
        .where('cluster_id', '=', clusterId)
        .where('node_uid', '=', nodeUid)
        .execute();
    });
  }

  /** Those of which something is left to do, the oldest first. */
  async open(): Promise<StoredNotice[]> {
    const rows = await this.#database
      .reader<NoticeTables>()
      .selectFrom('spot_notices')
      .selectAll()
      .where('closed_at', 'is', null)
      .orderBy('noticed_at')
      .execute();
    return rows.map(noticeFromRow);
  }
}

function noticeFromRow(row: Selectable<NoticeTables['spot_notices']>): StoredNotice {
  return {
    clusterId: row.cluster_id,
    nodeUid: row.node_uid,
    nodeName: row.node_name,
    noticedAt: row.noticed_at,
    actor: row.actor,
    cordonTask: row.cordon_task,
    drainTask: row.drain_task,
  };
}
