import { z } from 'zod';
import { capacityTypes } from './clusters.ts';
import { allocation } from './cost-allocation.ts';
import { procedure } from './procedure.ts';
import { microUsd, microUsdPerHourOrUnknown, provenance, timeMs } from './values.ts';

/** What one carried-out plan saves: the frozen counterfactual against what then runs. */
export const savingsEntry = z.object({
  id: z.string(),
  planId: z.string(),
  clusterId: z.string(),
  title: z.string(),
  engines: z.array(z.string()).meta({ description: 'In the order in which they worked' }),
  startedAt: timeMs,
  endedAt: timeMs.nullable().meta({ description: 'null while it accrues' }),
  counterfactualMicroUsdPerHour: microUsd.meta({
    description: 'What the nodes that went would cost, frozen at the decision',
  }),
  actualMicroUsdPerHour: microUsd
    .nullable()
    .meta({ description: 'What stands in their place costs now; null when unknown' }),
  removed: z.array(z.string()).meta({ description: 'Names of the nodes that went' }),
  replacedBy: z.array(z.string()).meta({ description: 'Names of the nodes that came' }),
  predictedMicroUsdPerHour: microUsd,
  predictedMicroUsd: microUsd.meta({ description: 'Promised until now' }),
  realizedMicroUsd: microUsd.meta({ description: 'Booked until now' }),
  knownMs: z.number().int().meta({ description: 'Time that is booked' }),
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
  unknownPlans: z.number().int().meta({ description: 'Plans whose price now is unknown: not in the rate' }),
});
export type SavingsSummary = z.output<typeof savingsSummary>;

const ledgerNode = z.object({
  name: z.string(),
  instanceType: z.string().nullable(),
  zone: z.string().nullable(),
  capacityType: z.enum(capacityTypes),
  priceMicroUsdPerHour: microUsdPerHourOrUnknown,
  provenance: provenance
    .nullable()
    .meta({ description: 'The record of the price; null where none was kept' }),
});

/** All that a figure of the ledger is made of. */
export const savingsEntryDetail = savingsEntry.extend({
  decidedAt: timeMs,
  frozenAt: timeMs.meta({ description: 'When the records of the prices were taken' }),
  approval: z.object({ by: z.string(), at: timeMs }).nullable(),
  endedBecause: z.string().nullable(),
  stages: z
    .array(z.object({ engine: z.string(), predictedMicroUsdPerHour: microUsd, realizedMicroUsd: microUsd }))
    .meta({ description: 'One state, engine after engine; the parts add up to the entry' }),
  workloads: z.array(z.object({ key: z.string(), pods: z.number().int(), realizedMicroUsd: microUsd })),
  nodesRemoved: z.array(
    ledgerNode.extend({
      listMicroUsdPerHour: microUsdPerHourOrUnknown.meta({
        description: 'Before Savings Plans, reservations and discounts; the record is of this price',
      }),
      goesOn: z.boolean().meta({ description: 'Its instance goes on costing, because nobody ended it' }),
    }),
  ),
  nodesPromised: z.array(
    z.object({
      instanceType: z.string(),
      zone: z.string(),
      capacityType: z.enum(capacityTypes),
      priceMicroUsdPerHour: microUsd,
      predictedMicroUsdPerHour: microUsd,
      forecastBy: z.string(),
    }),
  ),
  nodesAdded: z.array(ledgerNode.extend({ createdAt: timeMs })),
  intervals: z
    .array(
      z.object({
        fromMs: timeMs,
        toMs: timeMs,
        counterfactualMicroUsdPerHour: microUsd,
        actualMicroUsdPerHour: microUsdPerHourOrUnknown,
        realizedMicroUsd: microUsd.nullable().meta({ description: 'null where it is not booked' }),
      }),
    )
    .meta({ description: 'Oldest first; the last 1,000' }),
  intervalsInAll: z.number().int(),
});
export type SavingsEntryDetail = z.output<typeof savingsEntryDetail>;

export const savingsGroups = ['cluster', 'engine', 'namespace', 'workload', 'plan', 'hour', 'day'] as const;
export type SavingsGroup = (typeof savingsGroups)[number];

const range = {
  fromMs: z.coerce.number().int().optional().meta({ description: 'Begin, ms UTC; 30 days before the end' }),
  toMs: z.coerce.number().int().optional().meta({ description: 'End, ms UTC; now' }),
  clusterId: z.string().optional(),
  namespace: z.string().optional(),
  workload: z.string().optional().meta({ description: 'Kind/namespace/name' }),
};

/** Which part of the ledger. */
export const savingsQuery = z.object({ ...range, engine: z.string().optional() });
export type SavingsQuery = z.output<typeof savingsQuery>;

/** A part of the ledger; figures of all rows add up to the total. */
export const savingsReportRow = z.object({
  key: z.string().meta({ description: 'Name, id or begin (ms UTC) of the group; empty where it has none' }),
  clusterId: z.string().nullable(),
  name: z.string(),
  plans: z.number().int(),
  predictedMicroUsd: microUsd.meta({ description: 'Promised over the time that is booked' }),
  realizedMicroUsd: microUsd,
  knownMs: z.number().int().meta({ description: 'Sum over plans of time that is booked' }),
  unknownMs: z.number().int().meta({ description: 'Sum over plans of time that is left out' }),
});
export type SavingsReportRow = z.output<typeof savingsReportRow>;

export const savingsReport = z.object({
  fromMs: timeMs,
  toMs: timeMs,
  groupBy: z.enum(savingsGroups),
  rows: z.array(savingsReportRow),
  total: savingsReportRow,
});
export type SavingsReport = z.output<typeof savingsReport>;

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
  getEntry: procedure({
    method: 'GET',
    path: '/api/v1/admin/savings/entries/:id',
    access: 'viewer',
    tag: 'savings',
    summary:
      'How the figure of one plan was made: nodes, prices with their records and times, every booked interval',
    params: z.object({ id: z.string() }),
    response: savingsEntryDetail,
  }),
  report: procedure({
    method: 'GET',
    path: '/api/v1/admin/savings/report',
    access: 'viewer',
    tag: 'savings',
    summary:
      'Predicted and realized savings over a time, by cluster, engine, namespace, workload, plan, hour or day',
    query: savingsQuery.extend({ groupBy: z.enum(savingsGroups).default('cluster') }),
    response: savingsReport,
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
  ...allocation,
};

export const savingsFileKinds = ['ledger.csv', 'ledger.json', 'allocation.csv', 'allocation.json'] as const;
export type SavingsFileKind = (typeof savingsFileKinds)[number];

/** Streams; has no schema of its answer. */
export const savingsFilePath = '/api/v1/admin/savings/export/:kind';

/** Which part is exported. */
export const savingsFileQuery = z.object({
  ...range,
  engine: z.string().optional().meta({ description: 'Of the ledger only' }),
  step: z
    .enum(['hour', 'day'])
    .default('day')
    .meta({ description: 'Of allocation: a line for each workload and hour, or day (UTC)' }),
});
