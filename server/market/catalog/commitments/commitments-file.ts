import { z } from 'zod';
import { AppError } from '../../../../common/errors.ts';
import { microUsdFromUsd, parseTime } from '../../../../common/units/index.ts';
import type { Commitments, PlanRate } from './commitments.ts';
import { isSizeFlexible } from './is-size-flexible.ts';

export const COMMITMENTS_FORMAT = 'cloudoptim-commitments/1';

const id = z.string().min(1).max(200).optional();
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'a region is written like us-east-1');
const instanceType = z
  .string()
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'an instance type is written like m5.large');
const family = z.string().regex(/^[a-z0-9-]+$/, 'a family is written like m5');
const product = z.enum(['Linux/UNIX', 'Windows', 'Red Hat Enterprise Linux', 'SUSE Linux']);
const usd = z.number().min(0).max(1_000_000);
const percent = z.number().min(0).max(100);
const time = z
  .string()
  .refine(text => parseTime(text) !== undefined, 'a time is written like 2026-08-01T00:00:00Z');
const term = { startsAt: time.optional(), endsAt: time.optional() };
const selector = {
  region: region.optional(),
  family: family.optional(),
  instanceType: instanceType.optional(),
  product: product.optional(),
};

const planRate = z
  .strictObject({ ...selector, usdPerHour: usd.optional(), percent: percent.optional() })
  .refine(
    rate => (rate.usdPerHour === undefined) !== (rate.percent === undefined),
    'a rate has either usdPerHour or percent',
  );

const savingsPlan = z
  .strictObject({
    id,
    kind: z.enum(['compute', 'ec2-instance']),
    region: region.optional(),
    family: family.optional(),
    commitmentUsdPerHour: usd,
    rates: z.array(planRate).min(1).max(20_000),
    ...term,
  })
  .refine(
    plan => plan.kind === 'compute' || (plan.region !== undefined && plan.family !== undefined),
    'an ec2-instance plan has a region and a family',
  )
  .refine(
    plan => plan.kind === 'ec2-instance' || (plan.region === undefined && plan.family === undefined),
    'a compute plan has neither region nor family',
  );

const reservedInstance = z.strictObject({
  id,
  instanceType,
  region,
  zone: z.string().min(1).optional(),
  product: product.default('Linux/UNIX'),
  count: z.number().int().min(1).max(1_000_000),
  effectiveUsdPerHour: usd,
  sizeFlexible: z.boolean().optional(),
  ...term,
});

const discount = z.strictObject({
  id,
  capacityType: z.enum(['on-demand', 'spot']).default('on-demand'),
  ...selector,
  percent,
});

/** The file as people write it; docs/guides/catalog.md describes it. Unknown fields are refused: they are mostly typos. */
const commitmentsFile = z.strictObject({
  format: z.literal(COMMITMENTS_FORMAT),
  asOf: time,
  source: z.string().min(1).max(200).default('commitments file'),
  savingsPlans: z.array(savingsPlan).max(10_000).default([]),
  reservedInstances: z.array(reservedInstance).max(100_000).default([]),
  discounts: z.array(discount).max(10_000).default([]),
});
export type CommitmentsFile = z.input<typeof commitmentsFile>;

/**
 * Checks a commitments file and brings it into the units of the engine. What has no id is named by its place: `plan 1`.
 * @throws AppError `input.invalid` that names the first wrong field and its value
 */
export function readCommitments(value: unknown): Commitments {
  const result = commitmentsFile.safeParse(value);
  if (!result.success) throw wrongField(value, result.error.issues[0]);
  const { asOf, source, savingsPlans, reservedInstances, discounts } = result.data;
  const commitments: Commitments = {
    provenance: { source, asOf: parseTime(asOf) ?? 0 },
    savingsPlans: savingsPlans.map((plan, index) => ({
      id: plan.id ?? `plan ${index + 1}`,
      kind: plan.kind,
      region: plan.region ?? null,
      family: plan.family ?? null,
      commitmentMicroUsdPerHour: microUsd(plan.commitmentUsdPerHour),
      rates: plan.rates.map(
        (rate): PlanRate => ({
          ...selectorOf(rate),
          microUsdPerHour: rate.usdPerHour === undefined ? null : microUsd(rate.usdPerHour),
          percent: rate.percent ?? null,
        }),
      ),
      ...termOf(plan),
    })),
    reservedInstances: reservedInstances.map((instance, index) => {
      const zone = instance.zone ?? null;
      return {
        id: instance.id ?? `reservation ${index + 1}`,
        instanceType: instance.instanceType,
        region: instance.region,
        zone,
        product: instance.product,
        count: instance.count,
        effectiveMicroUsdPerHour: microUsd(instance.effectiveUsdPerHour),
        sizeFlexible:
          zone === null &&
          (instance.sizeFlexible ?? isSizeFlexible(instance.instanceType, instance.product, zone)),
        ...termOf(instance),
      };
    }),
    discounts: discounts.map((one, index) => ({
      id: one.id ?? `discount ${index + 1}`,
      capacityType: one.capacityType,
      ...selectorOf(one),
      percent: one.percent,
    })),
  };
  refuseDoubles(commitments);
  return commitments;
}

interface Selected {
  readonly region?: string | undefined;
  readonly family?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly product?: string | undefined;
}

function selectorOf({ region: of, family: like, instanceType: type, product: system }: Selected) {
  return { region: of ?? null, family: like ?? null, instanceType: type ?? null, product: system ?? null };
}

function termOf({ startsAt, endsAt }: { startsAt?: string | undefined; endsAt?: string | undefined }) {
  const at = (text: string | undefined) => (text === undefined ? null : (parseTime(text) ?? null));
  return { startsAt: at(startsAt), endsAt: at(endsAt) };
}

function microUsd(value: number): number {
  return microUsdFromUsd(value) ?? 0;
}

/** Uses are told apart by id. */
function refuseDoubles({ savingsPlans, reservedInstances, discounts }: Commitments): void {
  const seen = new Set<string>();
  for (const { id: name } of [...savingsPlans, ...reservedInstances, ...discounts]) {
    if (seen.has(name)) throw new AppError('input.invalid', `Two commitments have the id "${name}".`);
    seen.add(name);
  }
}

function wrongField(value: unknown, issue: z.core.$ZodIssue | undefined): AppError {
  const path = issue?.path ?? [];
  let found: unknown = value;
  for (const key of path) found = (found as Record<PropertyKey, unknown> | null | undefined)?.[key];
  const place = path.length === 0 ? 'The commitments file' : `${path.join('.')} of the commitments file`;
  const shown = found === undefined ? 'missing' : JSON.stringify(found).slice(0, 100);
  return new AppError('input.invalid', `${place} is ${shown}: ${issue?.message ?? 'not as expected'}.`, {
    hint: 'docs/guides/catalog.md describes the file and has an example.',
  });
}
