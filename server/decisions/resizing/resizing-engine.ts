import type { RunnableEngine } from '../engines/engine.ts';
import { proposeResizes } from './propose-resize.ts';

/** Rightsizing as an engine of plans. Nodes are none of its business, so it counts none. */
export const resizingEngine: RunnableEngine = {
  name: 'rightsizing',
  needsSizes: true,
  decide: state => {
    const sizes = state.sizes ?? { proposals: [] };
    const isAllowed = (uid: string) => !state.takenBack?.has(uid) && !isUnderWay(uid);
    const isUnderWay = (uid: string) => state.underWay.some(({ resizes }) => resizes === uid);
    return {
      proposals: proposeResizes(sizes, state).filter(
        ({ resize }) => resize && isAllowed(resize.workload.uid),
      ),
      blocked: [],
      nodesConsidered: 0,
      unknownPrices: 0,
      unknownRisks: 0,
      costNowMicroUsdPerHour: null,
      costAfterMicroUsdPerHour: null,
    };
  },
};
