import type { CapacityType } from '../../common/contracts/index.ts';
import { ToneBadge } from './tone-badge.tsx';

/** Spot, on-demand or unknown. */
export function CapacityBadge({ type }: { readonly type: CapacityType }) {
  if (type === 'spot') return <ToneBadge tone="busy">Spot</ToneBadge>;
  if (type === 'on-demand') return <ToneBadge tone="on-demand">On-demand</ToneBadge>;
  return <ToneBadge tone="neutral">Unknown</ToneBadge>;
}
