import type { OwnerChanges } from '../../../../common/contracts/index.ts';

/** How the tab is called; `undefined` where no owner has to be told anything. */
export function ownerTabTitle({ changes, nodes }: OwnerChanges): string | undefined {
  const kinds = new Set(
    [...changes, ...nodes].map(({ owner }) => owner.kind).filter(kind => kind !== 'nobody'),
  );
  if (kinds.size === 0) return undefined;
  if (kinds.size > 1) return 'For the owners';
  return kinds.has('karpenter') ? 'For Karpenter' : 'For the node group';
}
