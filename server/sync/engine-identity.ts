import type { PeerIdentity, PeerVersions } from '../../common/contracts/index.ts';
import { type Clock, type Database, newId } from '../platform/index.ts';
import type { SyncTables } from './sync-tables.ts';

/** Who this engine is, the same as long as its database lives. */
export async function ownIdentity(
  database: Database,
  clock: Clock,
  about: { readonly name: string; readonly version: string; readonly speaks: PeerVersions },
): Promise<PeerIdentity> {
  const known = await database
    .reader<SyncTables>()
    .selectFrom('sync_identity')
    .selectAll()
    .executeTakeFirst();
  const row = known ?? { only: 1 as const, engine_id: newId<string>('engine'), created_at: clock.now() };
  if (!known)
    await database.write<SyncTables, void>(async transaction => {
      await transaction.insertInto('sync_identity').values(row).execute();
    });
  return { engineId: row.engine_id, engineName: about.name, version: about.version, speaks: about.speaks };
}
