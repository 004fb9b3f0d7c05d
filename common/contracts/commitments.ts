import { z } from 'zod';
import { procedure } from './procedure.ts';
import { done, microUsd, microUsdPerHourOrUnknown, provenance, timeMs } from './values.ts';

const term = {
  startsAt: timeMs.nullable(),
  endsAt: timeMs.nullable(),
  inForce: z.boolean(),
};

/** The file of Savings Plans, Reserved Instances and discounts as it was understood. */
export const commitmentsSummary = z.object({
  provenance,
  savingsPlans: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['compute', 'ec2-instance']),
      region: z.string().nullable(),
      family: z.string().nullable(),
      commitmentMicroUsdPerHour: microUsd,
      ...term,
    }),
  ),
  reservedInstances: z.array(
    z.object({
      id: z.string(),
      instanceType: z.string(),
      region: z.string(),
      zone: z.string().nullable(),
      product: z.string(),
      count: z.number().int(),
      effectiveMicroUsdPerHour: microUsd,
      sizeFlexible: z.boolean(),
      ...term,
    }),
  ),
  discounts: z.array(
    z.object({
      id: z.string(),
      capacityType: z.enum(['on-demand', 'spot']),
      region: z.string().nullable(),
      family: z.string().nullable(),
      instanceType: z.string().nullable(),
      product: z.string().nullable(),
      percent: z.number(),
    }),
  ),
  totals: z.object({
    savingsPlansMicroUsdPerHour: microUsd,
    reservedInstancesMicroUsdPerHour: microUsd,
    committedMicroUsdPerHour: microUsd,
    notInForce: z.number().int(),
  }),
});
export type CommitmentsSummary = z.output<typeof commitmentsSummary>;

/** A type whose on-demand hour is charged at another price than the list's. */
export const effectivePriceLine = z.object({
  instanceType: z.string(),
  listMicroUsdPerHour: microUsdPerHourOrUnknown,
  effectiveMicroUsdPerHour: microUsd,
  parts: z.array(z.string()).meta({ description: 'What it is made of, in words' }),
});
export type EffectivePriceLine = z.output<typeof effectivePriceLine>;

/** Multipart form with the file (JSON or CSV) in `file`; answers `commitmentsSummary`. Administrators only. */
export const commitmentsUploadPath = '/api/v1/admin/commitments';

/** Calls of the commitments file; part of `api.market`. */
export const commitmentsProcedures = {
  commitments: procedure({
    method: 'GET',
    path: '/api/v1/admin/commitments',
    access: 'viewer',
    tag: 'market',
    summary:
      'Savings Plans, Reserved Instances and discounts in use, with totals; null when no file was given',
    response: z.object({ commitments: commitmentsSummary.nullable() }),
  }),
  effectivePrices: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/effective-prices',
    access: 'viewer',
    tag: 'market',
    summary: 'Types of which commitments change the price of an on-demand hour, while they have room for it',
    query: z.object({ region: z.string(), product: z.string().default('Linux/UNIX') }),
    response: z.object({
      prices: z.array(effectivePriceLine),
      types: z.number().int().meta({ description: 'Types with a known price, changed or not' }),
    }),
  }),
  deleteCommitments: procedure({
    method: 'DELETE',
    path: '/api/v1/admin/commitments',
    access: 'admin',
    tag: 'market',
    summary: 'Forget the commitments; list prices hold from then on',
    action: 'commitments.delete',
    response: done,
  }),
};
