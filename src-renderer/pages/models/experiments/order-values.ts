import type { ExperimentOrder } from '../../../../common/contracts/index.ts';

/** What the dialog holds: shares in percent, as people say them. */
export interface OrderValues {
  readonly challengerId: string | null;
  readonly mode: ExperimentOrder['mode'];
  readonly unit: ExperimentOrder['unit'];
  readonly sharePercent: number;
  readonly alphaPercent: number;
  readonly worstPercent: number;
  readonly missingPercent: number;
  readonly failures: number;
}

/** The defaults of the contract, in percent. */
export const INITIAL_ORDER: OrderValues = {
  challengerId: null,
  mode: 'shadow',
  unit: 'cluster',
  sharePercent: 50,
  alphaPercent: 5,
  worstPercent: 10,
  missingPercent: 5,
  failures: 3,
};

/** The order as the server takes it; `undefined` without a challenger. */
export function experimentOrderOf(values: OrderValues): ExperimentOrder | undefined {
  const { challengerId, mode, unit } = values;
  if (challengerId === null) return undefined;
  // 0.7 / 100 is 0.006999999999999999: what was typed is what is sent.
  const share = (percent: number) => Number((percent / 100).toPrecision(6));
  return {
    challengerId,
    mode,
    unit,
    challengerShare: share(values.sharePercent),
    alpha: share(values.alphaPercent),
    guardrails: {
      worstRelative: share(values.worstPercent),
      missingShare: share(values.missingPercent),
      failures: Math.round(values.failures),
    },
  };
}
