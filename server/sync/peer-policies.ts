import { createHash } from 'node:crypto';
import type { PeerPolicy, PolicyRevision } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Policies } from '../decisions/index.ts';
import type { PolicySide } from './reconcile-policy.ts';

/** What sync needs of policies. */
export type SyncedPolicies = Pick<Policies, 'list' | 'get' | 'revisions' | 'save' | 'followDefault'>;

/** Who saves. */
export interface PolicySaver {
  readonly id: string;
  readonly label: string;
}

/** So many revisions back an engine recognises what the other one had. */
const MOST_PAST = 200;
const MOST_NOTE = 300;

/** Two documents with the same digest are the same policy. */
function policyDigest(document: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(document ?? null))
    .digest('hex');
}

/** A policy as engines tell each other of it. */
export async function peerPolicyOf(policies: SyncedPolicies, last: PolicyRevision): Promise<PeerPolicy> {
  const { scope, revision, document, yaml, savedAt, savedBy } = last;
  const revisions = revision === 0 ? [] : await policies.revisions(scope, MOST_PAST);
  const past = revisions.map(one => ({ revision: one.revision, digest: policyDigest(one.document) }));
  return { scope, revision, document, yaml, savedAt, savedBy, past };
}

/** One side as `reconcilePolicy` compares it. */
export function sideOf({ revision, document, past }: PeerPolicy): PolicySide {
  return { revision, digest: policyDigest(document), past };
}

/** Saves a document, or lets a cluster follow the default again. @throws AppError as `Policies.save` does */
export async function savePeerPolicy(
  policies: SyncedPolicies,
  scope: string,
  document: unknown,
  baseRevision: number,
  actor: PolicySaver,
  note: string | null,
): Promise<number> {
  const words = note === null ? undefined : note.slice(0, MOST_NOTE);
  const saved =
    document === null
      ? await policies.followDefault(scope, baseRevision, actor, words)
      : await policies.save(scope, { document }, baseRevision, actor, words);
  return saved.revision;
}

/** The last revision of a scope; `undefined` for a cluster that this engine does not have. */
export async function policyOfScope(
  policies: SyncedPolicies,
  scope: string,
): Promise<PolicyRevision | undefined> {
  try {
    return await policies.get(scope);
  } catch (error) {
    if (error instanceof AppError && error.code === 'resource.not-found') return undefined;
    throw error;
  }
}
