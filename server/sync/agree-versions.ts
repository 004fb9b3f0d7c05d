import type { PeerVersions, SyncMode } from '../../common/contracts/index.ts';

/** What two engines may exchange, or the sentence that says why nothing. */
export type Agreement = { readonly mode: SyncMode } | { readonly refused: string };

/**
 * Engines of the same version exchange everything. Of different ones the older may read as long as the newer still
 * understands it, and neither writes to the other: what the older does not know would be lost on the way. Beyond that nothing moves.
 */
export function agreeOn(own: PeerVersions, other: PeerVersions): Agreement {
  if (own.current === other.current) return { mode: 'full' };
  const [older, newer] = own.current < other.current ? [own, other] : [other, own];
  if (newer.oldest <= older.current) return { mode: 'read-only' };
  const whose = older === own ? 'this engine' : 'the other engine';
  return {
    refused: `Version ${older.current} of sync, which ${whose} speaks, is too old: the other side speaks ${newer.current} and understands ${newer.oldest} at the least.`,
  };
}

/** As a header. */
export function versionsText({ current, oldest }: PeerVersions): string {
  return `${current}-${oldest}`;
}

/** Reads the header; `undefined` for anything else. */
export function parseVersions(text: unknown): PeerVersions | undefined {
  const found = typeof text === 'string' ? /^(\d{1,6})-(\d{1,6})$/.exec(text) : null;
  return found ? { current: Number(found[1]), oldest: Number(found[2]) } : undefined;
}
