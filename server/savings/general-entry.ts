import type { Provenance } from '../../common/contracts/index.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/** An entry as it was written while a plan replaced just one node. */
export interface OneNodeEntry {
  readonly id: string;
  readonly planId: string;
  readonly clusterId: string;
  readonly title: string;
  readonly nodeUid: string;
  readonly workloads: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly counterfactualMicroUsdPerHour: number;
  readonly counterfactualProvenance: Provenance | null;
  readonly predictedMicroUsdPerHour: number;
  readonly plan: 'running' | 'succeeded' | 'undone';
  readonly opensAt: number;
  readonly closesAt: number | null;
  readonly replacements: readonly { readonly name: string; readonly uid: string }[];
  readonly hadReplacements: boolean;
  readonly bookedUntil: number;
  readonly actualMicroUsdPerHour: number | null;
}

/** The same entry as it is written now. What was not kept then is unknown; all plans were of the Spot engine. */
export function generalEntry(old: OneNodeEntry): LedgerEntry {
  const {
    nodeUid,
    counterfactualMicroUsdPerHour,
    counterfactualProvenance,
    predictedMicroUsdPerHour,
    ...same
  } = old;
  return {
    ...same,
    stages: [{ engine: 'spot', predictedMicroUsdPerHour }],
    decidedAt: old.startedAt,
    approval: null,
    counterfactual: {
      frozenAt: old.startedAt,
      removed: [
        {
          name: nodeUid,
          uid: nodeUid,
          instanceType: 'unknown',
          zone: 'unknown',
          capacityType: 'unknown',
          priceMicroUsdPerHour: counterfactualMicroUsdPerHour,
          listMicroUsdPerHour: null,
          provenance: counterfactualProvenance,
        },
      ],
    },
    promised: [],
    workloads: old.workloads.map(key => ({ key, pods: 1 })),
    endedBecause: null,
    taken: [],
    replacements: old.replacements.map(one => ({
      ...one,
      instanceType: null,
      zone: null,
      capacityType: 'unknown',
      createdAt: old.startedAt,
      priceMicroUsdPerHour: null,
      provenance: null,
    })),
  };
}
