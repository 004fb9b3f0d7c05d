import { z } from 'zod';

/** What a policy cost over all jobs of a comparison. */
const policyStanding = z.object({
  policy: z.string(),
  sentence: z.string(),
  jobs: z.number().int(),
  costUsd: z.number(),
  ofOptimum: z.number().nullable().meta({ description: 'Cost / cost of the hindsight optimum' }),
  interruptions: z.number().int(),
  starts: z.number().int().meta({ description: 'Instances started; each pays a changeover' }),
  onDemandHours: z.number(),
  spotHours: z.number(),
  late: z.number().int().meta({ description: 'Jobs that missed the deadline and were finished on demand' }),
});
export type PolicyStanding = z.output<typeof policyStanding>;

/** How well somebody foresees whether capacity can be had. */
const availabilityForecast = z.object({
  name: z.string(),
  sentence: z.string(),
  brier: z.number(),
  skillAgainstBaseRate: z.number().nullable(),
  skillAgainstPersistence: z.number().nullable(),
  calibrationError: z.number(),
  calibration: z.array(
    z.object({ meanForecast: z.number(), observed: z.number(), points: z.number().int() }),
  ),
});

/** What policies cost on traces of capacity: dollars and interruptions beside the hindsight optimum. */
export const policyReport = z.object({
  traces: z.number().int(),
  pools: z.number().int(),
  jobs: z.number().int(),
  job: z.object({
    workHours: z.number(),
    deadlineHours: z.number(),
    changeoverMinutes: z.number(),
    everyHours: z.number().meta({ description: 'Time between starts of jobs on a trace' }),
  }),
  policies: z.array(policyStanding).meta({ description: 'The hindsight optimum first' }),
  modelSavesUsd: z
    .number()
    .nullable()
    .meta({ description: 'Cost by persistence less cost by the model; null where there is no model' }),
  leftOut: z.object({
    traces: z.number().int().meta({ description: 'Traces shorter than a deadline' }),
    jobs: z
      .number()
      .int()
      .meta({ description: 'Jobs that some policy could never finish, because no on-demand price is known' }),
  }),
  availability: z.array(availabilityForecast).optional(),
  assumptions: z.array(z.string()),
});
export type PolicyReport = z.output<typeof policyReport>;
