/** A policy of one side: where it is, and by which documents it came there, newest first. */
export interface PolicySide {
  /** 0 where nothing was saved. */
  readonly revision: number;
  readonly digest: string;
  readonly past: readonly { readonly revision: number; readonly digest: string }[];
}

/** The revisions that were last seen to be the same; 0 and 0 at first. */
export interface AgreedRevisions {
  readonly local: number;
  readonly remote: number;
}

/** What is to be done: nothing, note that both are the same, take theirs, give them mine, or ask a person. */
export type Reconciliation = 'none' | 'same' | 'take' | 'give' | 'ask';

/**
 * Compares two sides of a policy. A side that did not move since both were the same takes the other's version. When both moved, one of
 * them may have the other's version in its past, because an answer was lost or a sync broke off: then it is the later one. Otherwise a
 * person has to choose: time decides nothing, clocks differ. A side whose revision went back was restored from a backup, so nothing is known
 * to be agreed.
 */
export function reconcilePolicy(
  mine: PolicySide,
  theirs: PolicySide,
  before: AgreedRevisions,
): Reconciliation {
  if (mine.revision === 0 && theirs.revision === 0) return 'none';
  const wasSetBack = mine.revision < before.local || theirs.revision < before.remote;
  const agreed = wasSetBack ? { local: 0, remote: 0 } : before;
  // What was never saved is no version, whatever holds by default.
  if (mine.revision > 0 && theirs.revision > 0 && mine.digest === theirs.digest) return 'same';
  const hasMineMoved = mine.revision !== agreed.local;
  const haveTheirsMoved = theirs.revision !== agreed.remote;
  if (!hasMineMoved && !haveTheirsMoved) return 'none';
  if (!hasMineMoved) return 'take';
  if (!haveTheirsMoved) return 'give';
  const knewMine = hasSince(theirs, agreed.remote, mine.digest);
  const knewTheirs = hasSince(mine, agreed.local, theirs.digest);
  if (knewMine === knewTheirs) return 'ask';
  return knewMine ? 'take' : 'give';
}

function hasSince({ past }: PolicySide, revision: number, digest: string): boolean {
  return past.some(one => one.revision > revision && one.digest === digest);
}
