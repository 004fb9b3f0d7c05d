import type { SyncConflict } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { giveMine, type MovePoliciesParts, type OtherVersion, takeTheirs } from './move-policies.ts';
import { peerPolicyOf, policyOfScope, type SyncedPolicies } from './peer-policies.ts';
import type { ServerStore } from './server-store.ts';
import type { AgreedPolicyRow } from './sync-tables.ts';

/** Policies that wait for a person, with both versions and what both had before. */
export async function listConflicts(
  store: ServerStore,
  policies: SyncedPolicies,
  serverId: string,
): Promise<SyncConflict[]> {
  const conflicts: SyncConflict[] = [];
  for (const row of await store.agreedPolicies(serverId)) {
    const theirs = otherVersion(row);
    const mine = theirs && (await policyOfScope(policies, row.scope));
    if (!theirs || !mine) continue;
    const { revision, yaml, savedAt, savedBy } = theirs;
    const agreed = Number(row.local_revision);
    const [base] = agreed === 0 ? [] : await policies.revisions(row.scope, 1, agreed + 1);
    conflicts.push({
      scope: row.scope,
      mine,
      theirs: { revision, yaml, savedAt, savedBy },
      base: base?.yaml ?? '',
    });
  }
  return conflicts;
}

/**
 * Does what a person chose, where both versions are still the ones that they looked at.
 * @throws AppError `resource.not-found` without such a conflict, `resource.conflict` when a side moved meanwhile, `sync.…`
 */
export async function resolveConflict(
  run: Pick<MovePoliciesParts, 'serverId' | 'serverName' | 'policies' | 'store'> & {
    readonly link: () => Promise<MovePoliciesParts['link']>;
  },
  scope: string,
  choice: {
    readonly keep: 'mine' | 'theirs';
    readonly mineRevision: number;
    readonly theirsRevision: number;
  },
): Promise<void> {
  const { serverId, policies, store } = run;
  const row = (await store.agreedPolicies(serverId)).find(one => one.scope === scope);
  const theirs = row && otherVersion(row);
  const last = theirs && (await policyOfScope(policies, scope));
  if (!theirs || !last)
    throw new AppError('resource.not-found', `The policy ${scope} does not wait for anybody any more.`);
  if (last.revision !== choice.mineRevision || theirs.revision !== choice.theirsRevision)
    throw new AppError('resource.conflict', 'One of both versions changed since you looked at them.', {
      hint: 'Look at them again, then choose.',
    });
  const mine = await peerPolicyOf(policies, last);
  const agreed =
    choice.keep === 'theirs'
      ? { local: await takeTheirs(run, mine, theirs), remote: theirs.revision }
      : { local: mine.revision, remote: await giveMine({ link: await run.link() }, mine, theirs) };
  await store.setAgreedPolicy({
    server_id: serverId,
    scope,
    local_revision: agreed.local,
    remote_revision: agreed.remote,
    conflict: null,
    refusal: null,
  });
}

function otherVersion({ conflict }: AgreedPolicyRow): OtherVersion | undefined {
  return conflict === null ? undefined : (JSON.parse(conflict) as OtherVersion);
}
