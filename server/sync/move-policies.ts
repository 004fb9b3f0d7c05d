import type { PeerPolicy } from '../../common/contracts/index.ts';
import { peers } from '../../common/contracts/peers.ts';

import { AppError } from '../../common/errors.ts';
import type { PeerLink } from './peer-link.ts';
import { peerPolicyOf, policyOfScope, type SyncedPolicies, savePeerPolicy, sideOf } from './peer-policies.ts';
import { reconcilePolicy } from './reconcile-policy.ts';
import type { ServerStore } from './server-store.ts';
import type { AgreedPolicyRow } from './sync-tables.ts';

/** What moving policies needs. */
export interface MovePoliciesParts {
  readonly serverId: string;
  readonly serverName: string;
  readonly link: PeerLink;
  readonly policies: SyncedPolicies;
  readonly store: ServerStore;
  readonly mayWrite: boolean;
  readonly signal: AbortSignal;
}

/** The version of the server that waits for a person. */
export type OtherVersion = Pick<PeerPolicy, 'revision' | 'document' | 'yaml' | 'savedAt' | 'savedBy'>;

/**
 * Brings each policy that both engines can have to the same version where one of them did not change it, and notes the others for a person.
 * Both sides save by compare-and-set: what somebody saves in this very moment is never overwritten. What is agreed is noted after the save,
 * and found again by the past of the versions when that note was lost.
 */
export async function movePolicies(run: MovePoliciesParts): Promise<void> {
  const { link, policies, store, signal } = run;
  const told = await link.call(peers.listPolicies, {}, signal);
  const theirs = new Map(told.policies.map(one => [one.scope, one]));
  const mine = new Set((await policies.list()).policies.map(({ scope }) => scope));
  const agreed = new Map((await store.agreedPolicies(run.serverId)).map(row => [row.scope, row]));
  for (const scope of told.scopes) {
    if (!theirs.has(scope) && !mine.has(scope)) continue;
    signal.throwIfAborted();
    await movePolicy(run, scope, theirs.get(scope) ?? nothingSaved(scope), agreed.get(scope));
  }
}

async function movePolicy(
  run: MovePoliciesParts,
  scope: string,
  theirs: PeerPolicy,
  known: AgreedPolicyRow | undefined,
): Promise<void> {
  const { serverId, policies, store } = run;
  const last = await policyOfScope(policies, scope);
  if (!last) return;
  const mine = await peerPolicyOf(policies, last);
  const before = {
    local: Number(known?.local_revision ?? 0),
    remote: Number(known?.remote_revision ?? 0),
  };
  const note = (agreed: typeof before, more: { conflict?: OtherVersion; refusal?: string } = {}) => {
    const row: AgreedPolicyRow = {
      server_id: serverId,
      scope,
      local_revision: agreed.local,
      remote_revision: agreed.remote,
      conflict: more.conflict ? JSON.stringify(more.conflict) : null,
      refusal: more.refusal ?? null,
    };
    return isSameRow(row, known) ? Promise.resolve() : store.setAgreedPolicy(row);
  };
  const asOther = (): OtherVersion => {
    const { revision, document, yaml, savedAt, savedBy } = theirs;
    return { revision, document, yaml, savedAt, savedBy };
  };
  // No document and yet a text: it is damaged, which must not be taken for "follows the default".
  const damaged = [mine, theirs].find(({ document, yaml }) => document === null && yaml !== '');
  if (damaged) {
    await note(before, {
      refusal: `Revision ${damaged.revision} of ${damaged === mine ? 'this engine' : 'the server'} cannot be read any more.`,
    });
    return;
  }
  const todo = reconcilePolicy(sideOf(mine), sideOf(theirs), before);
  try {
    if (todo === 'same') await note({ local: mine.revision, remote: theirs.revision });
    else if (todo === 'take')
      await note({ local: await takeTheirs(run, mine, theirs), remote: theirs.revision });
    else if (todo === 'give' && run.mayWrite)
      await note({ local: mine.revision, remote: await giveMine(run, mine, theirs) });
    else if (todo === 'ask') await note(before, { conflict: asOther() });
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'user') throw error;
    // Somebody saved in this moment: the next sync sees what.
    if (error.code === 'resource.conflict') return;
    if (error.code.startsWith('sync.')) throw error;
    await note(before, { refusal: error.message });
  }
}

/** Saves the version of the server here. @throws AppError `resource.conflict` when this side moved meanwhile */
export function takeTheirs(
  { policies, serverId, serverName }: Pick<MovePoliciesParts, 'policies' | 'serverId' | 'serverName'>,
  mine: Pick<PeerPolicy, 'scope' | 'revision'>,
  theirs: OtherVersion,
): Promise<number> {
  const label = `${theirs.savedBy ?? 'nobody'} on ${serverName}`;
  const note = `Revision ${theirs.revision} of ${serverName}`;
  return savePeerPolicy(policies, mine.scope, theirs.document, mine.revision, { id: serverId, label }, note);
}

/** Saves the version of this engine there. @throws AppError `resource.conflict` when the server moved meanwhile */
export async function giveMine(
  { link, signal }: Pick<MovePoliciesParts, 'link'> & { readonly signal?: AbortSignal },
  { scope, document, savedBy, revision: mine }: PeerPolicy,
  { revision }: Pick<PeerPolicy, 'revision'>,
): Promise<number> {
  const body = {
    document,
    baseRevision: revision,
    savedBy: (savedBy ?? 'nobody').slice(0, 300),
    note: `Revision ${mine} of the engine that brought it`,
  };
  return (await link.call(peers.savePolicy, { params: { scope }, body }, signal)).revision;
}

function nothingSaved(scope: string): PeerPolicy {
  return { scope, revision: 0, document: null, yaml: '', savedAt: null, savedBy: null, past: [] };
}

function isSameRow(row: AgreedPolicyRow, known: AgreedPolicyRow | undefined): boolean {
  return (
    known !== undefined &&
    Number(known.local_revision) === row.local_revision &&
    Number(known.remote_revision) === row.remote_revision &&
    known.conflict === row.conflict &&
    known.refusal === row.refusal
  );
}
