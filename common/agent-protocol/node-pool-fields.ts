import { z } from 'zod';

const quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/);

const budget = z
  .object({
    /** `10%` or a number of nodes. */
    nodes: z.string().regex(/^((100|[0-9]{1,2})%|[0-9]+)$/),
    reasons: z.array(z.enum(['Underutilized', 'Empty', 'Drifted'])).optional(),
    /** Cron, in UTC. */
    schedule: z.string().max(100).optional(),
    duration: z
      .string()
      .regex(/^([0-9]+(m|h))+$/)
      .optional(),
  })
  .refine(one => (one.schedule === undefined) === (one.duration === undefined), {
    message: 'schedule and duration belong together',
  });

/**
 * Fields of a Karpenter NodePool that a task may set, as `karpenter.sh/v1` has them; what is left out stays as it is. A limit
 * or weight of `null` is removed, a budget list takes the place of the one before.
 */
export const nodePoolFields = z
  .object({
    limits: z.record(z.string().max(200), quantity.nullable()).optional(),
    weight: z.number().int().min(1).max(100).nullable().optional(),
    budgets: z.array(budget).max(50).optional(),
    consolidationPolicy: z.enum(['WhenEmpty', 'WhenEmptyOrUnderutilized']).optional(),
    consolidateAfter: z
      .string()
      .regex(/^(([0-9]+(s|m|h))+|Never)$/)
      .optional(),
  })
  .refine(fields => Object.values(fields).some(value => value !== undefined), { message: 'no field is set' });
export type NodePoolFields = z.output<typeof nodePoolFields>;
