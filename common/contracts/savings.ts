import { z } from 'zod';
import { procedure } from './procedure.ts';
import { microUsd, timeMs } from './values.ts';

/** What one carried-out plan saves: the frozen counterfactual against what then runs. */
export const savingsEntry = z.object({
  id: z.string(),
  planId: z.string(),
  clusterId: z.string(),
  title: z.string(),
  startedAt: timeMs,
  endedAt: timeMs.nullable().meta({ description: 'null while it accrues' }),
  counterfactualMicroUsdPerHour: microUsd.meta({
    description: 'Price of the replaced node, frozen at the decision',
  }),
  actualMicroUsdPerHour: microUsd
    .nullable()
    .meta({ description: 'Price now of what replaced it; null when unknown' }),
  replacedBy: z.array(z.string()),
  predictedMicroUsdPerHour: microUsd,
  predictedMicroUsd: microUsd.meta({ description: 'Promised until now' }),
  realizedMicroUsd: microUsd.meta({ description: 'Booked until now' }),
  unknownMs: z.number().int().meta({ description: 'Time left out because a price was unknown' }),
});
export type SavingsEntry = z.output<typeof savingsEntry>;

export const savingsSummary = z.object({
  asOf: timeMs,
  realizedMicroUsd: microUsd,
  predictedMicroUsd: microUsd,
  realizedThisMonthMicroUsd: microUsd,
  realizedMicroUsdPerHour: microUsd.meta({ description: 'Rate now' }),
  plans: z.number().int(),
  unknownMs: z.number().int(),
});
export type SavingsSummary = z.output<typeof savingsSummary>;

/** Cost of all clusters over time: what runs, and what would run without CloudOptim. */
export const costPoint = z.object({
  atMs: timeMs,
  actualMicroUsdPerHour: microUsd,
  counterfactualMicroUsdPerHour: microUsd,
});
export type CostPoint = z.output<typeof costPoint>;

export const savings = {
  getSavings: procedure({
    method: 'GET',
    path: '/api/v1/admin/savings',
    access: 'viewer',
    tag: 'savings',
    summary: 'Realized savings with the promised ones beside them, entry by entry',
    response: z.object({ summary: savingsSummary, entries: z.array(savingsEntry) }),
  }),
  costHistory: procedure({
    method: 'GET',
    path: '/api/v1/admin/savings/cost-history',
    access: 'viewer',
    tag: 'savings',
    summary: 'Cost over time, actual against counterfactual',
    query: z.object({ fromMs: z.coerce.number().int(), toMs: z.coerce.number().int() }),
    response: z.object({ points: z.array(costPoint) }),
  }),
};
