import { stringify } from 'yaml';
import type { OwnerChange } from '../../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../../common/units/index.ts';
import { CAPACITY_LABEL, TYPE_LABEL } from './karpenter-requirements.ts';
import type { PaidType } from './owner-input.ts';

/** Smaller differences change no choice. */
const LEAST_SHARE = 0.005;
/** So that an overlay of somebody else, which has none, does not take its place by name. */
const WEIGHT = 10;

/**
 * NodeOverlays that tell Karpenter what on-demand types cost after Savings Plans, reservations and discounts: it knows list prices only, and
 * would leave nodes that are paid for anyway. One for each type whose price differs; `undefined` where none does.
 * API: `karpenter.sh/v1alpha1`, in Karpenter from 1.7 on, behind the feature gate NodeOverlay.
 */
export function nodeOverlays(paid: readonly PaidType[]): OwnerChange | undefined {
  const rows = paid.flatMap(type => {
    const share = type.paidMicroUsdPerHour / type.listMicroUsdPerHour - 1;
    return type.listMicroUsdPerHour > 0 && Math.abs(share) >= LEAST_SHARE
      ? [{ ...type, adjustment: percent(share) }]
      : [];
  });
  if (rows.length === 0) return undefined;
  const documents = rows.map(({ instanceType, adjustment }) =>
    stringify({
      apiVersion: 'karpenter.sh/v1alpha1',
      kind: 'NodeOverlay',
      metadata: { name: `paid-${instanceType.replace('.', '-')}` },
      spec: {
        weight: WEIGHT,
        requirements: [
          { key: TYPE_LABEL, operator: 'In', values: [instanceType] },
          { key: CAPACITY_LABEL, operator: 'In', values: ['on-demand'] },
        ],
        priceAdjustment: adjustment,
      },
    }),
  );
  return {
    owner: { kind: 'karpenter', name: null },
    title: 'NodeOverlays with what is really paid',
    nodes: [],
    fileName: 'node-overlays.yaml',
    language: 'yaml',
    text: documents.join('---\n'),
    how: 'kubectl apply -f node-overlays.yaml',
    fields: rows.map(({ instanceType, nodes, listMicroUsdPerHour, paidMicroUsdPerHour, adjustment }) => ({
      path: `spec.priceAdjustment of ${instanceType}`,
      present: null,
      proposed: adjustment,
      why: `${nodes} ${nodes === 1 ? 'node' : 'nodes'} of it list at ${formatUsdPerHour(listMicroUsdPerHour)}; ${formatUsdPerHour(paidMicroUsdPerHour)} each leaves the bill with them.`,
    })),
    check: null,
    notes: [
      'NodeOverlay is an alpha API (karpenter.sh/v1alpha1): it is in Karpenter from 1.7 on, with the feature gate NodeOverlay switched on. Whether this cluster has it, and which overlays it has already, is not known.',
      'The adjustment is what leaves the bill with the nodes that run now, all of a type together. When commitments end or fill up, make it anew.',
    ],
  };
}

/** As the API takes it: a sign, at most two digits before the point, or `-100%`. */
function percent(share: number): string {
  const value = Math.max(-100, Math.round(share * 1000) / 10);
  return value <= -100 ? '-100%' : `${value > 0 ? '+' : ''}${value}%`;
}
