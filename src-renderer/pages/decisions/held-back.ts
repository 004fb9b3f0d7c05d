import { useState } from 'react';

/**
 * Rows of a stream that do not move under the reader: while `isHeld`, new ones wait and are counted; known ones change
 * in place. `release` lets them in.
 */
export function useHeldBack<Row extends { readonly id: string }>(
  rows: readonly Row[],
  isHeld: boolean,
): { readonly shown: readonly Row[]; readonly waiting: number; readonly release: () => void } {
  const [known, setKnown] = useState<ReadonlySet<string>>(() => new Set(rows.map(({ id }) => id)));
  const fresh = rows.filter(({ id }) => !known.has(id));
  const release = () => setKnown(new Set(rows.map(({ id }) => id)));
  if (fresh.length > 0 && !isHeld) release();
  return {
    shown: isHeld ? rows.filter(({ id }) => known.has(id)) : rows,
    waiting: isHeld ? fresh.length : 0,
    release,
  };
}
