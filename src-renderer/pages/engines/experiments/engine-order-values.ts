import type { EngineExperimentOrder } from '../../../../common/contracts/index.ts';
import type { ParameterValues } from '../parameter-values.ts';

/** What the dialog holds: shares in percent, as people say them. */
export interface EngineOrderValues {
  readonly championId: string | null;
  readonly challengerId: string | null;
  readonly parameters: ParameterValues;
  readonly mode: EngineExperimentOrder['mode'];
  readonly sharePercent: number;
  readonly alphaPercent: number;
  readonly invalidAnswers: number;
  readonly overruns: number;
  readonly refusedPercent: number;
  readonly movesFactor: number;
}

/** The defaults of the contract, in percent. */
export const INITIAL_ENGINE_ORDER: EngineOrderValues = {
  championId: null,
  challengerId: null,
  parameters: {},
  mode: 'shadow',
  sharePercent: 50,
  alphaPercent: 5,
  invalidAnswers: 3,
  overruns: 3,
  refusedPercent: 20,
  movesFactor: 3,
};

/** The order as the server takes it; `undefined` without both engines. */
export function engineOrderOf(values: EngineOrderValues): EngineExperimentOrder | undefined {
  const { championId, challengerId, parameters, mode, movesFactor } = values;
  if (championId === null || challengerId === null) return undefined;
  // 0.7 / 100 is 0.006999999999999999: what was typed is what is sent.
  const share = (percent: number) => Number((percent / 100).toPrecision(6));
  return {
    championId,
    challengerId,
    challengerParameters: parameters,
    mode,
    challengerShare: share(values.sharePercent),
    alpha: share(values.alphaPercent),
    guardrails: {
      invalidAnswers: Math.round(values.invalidAnswers),
      overruns: Math.round(values.overruns),
      refusedShare: share(values.refusedPercent),
      movesFactor,
    },
  };
}
