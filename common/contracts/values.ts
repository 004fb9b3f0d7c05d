import { z } from 'zod';

/** Integer milliseconds since 1970 UTC. */
export const timeMs = z.number().int().meta({ description: 'Milliseconds since 1970-01-01 UTC' });

/** Integer micro-USD: 1,000,000 is one US dollar. May be negative where it is a difference. */
export const microUsd = z.number().int().meta({ description: 'Micro-USD; 1,000,000 is one US dollar' });

/** Micro-USD for an hour; `null` is "unknown", never zero. */
export const microUsdPerHourOrUnknown = microUsd
  .nullable()
  .meta({ description: 'Micro-USD per hour; null when unknown' });

/** `region/zone/instanceType/product`. */
export const poolKeyText = z
  .string()
  .regex(/^[^/]+\/[^/]+\/[^/]+\/.+$/, 'a pool is region/zone/instanceType/product');

/** Where a figure comes from and as of when. */
export const provenance = z.object({ source: z.string(), asOf: timeMs });
export type Provenance = z.output<typeof provenance>;

/** A page of a list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  before: z.coerce
    .number()
    .int()
    .optional()
    .meta({ description: 'Only entries older than this (ms or sequence)' }),
});

/** The answer of a call that has nothing else to say. */
export const done = z.object({ ok: z.literal(true) });
