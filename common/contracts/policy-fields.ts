import { z } from 'zod';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const YEAR = 366 * DAY;

/** Fields carry title, description and unit, so that a form and a reader of the JSON schema need no other text. */
export function about(title: string, description: string, unit?: string) {
  return { title, description: unit ? `${description} Unit: ${unit}.` : description, ...(unit && { unit }) };
}

/** A part of something, 0 to 1. */
export const shareOf = (title: string, description: string, of: string) =>
  z
    .number()
    .min(0)
    .max(1)
    .meta(about(title, description, `share of ${of}, 0 to 1`));
/** A count. */
export const wholeNumber = (title: string, description: string, unit: string, least = 0, most = 1_000_000) =>
  z
    .number()
    .int()
    .min(least)
    .max(most)
    .meta(about(title, description, unit));
/** A time in ms, a year at the most unless said otherwise. */
export const duration = (title: string, description: string, most = YEAR) =>
  z
    .number()
    .int()
    .min(0)
    .max(most)
    .meta(about(title, description, 'milliseconds'));
/** An amount in micro-USD. */
export const money = (title: string, description: string, per?: 'hour' | 'month') =>
  z
    .number()
    .int()
    .min(0)
    .max(1e12)
    .meta(about(title, description, per ? `micro-USD per ${per}` : 'micro-USD'));
/** Yes or no. */
export const flag = (title: string, description: string) =>
  z.boolean().meta(about(title, description, 'true or false'));
/** Keeps title, description and unit, which a default would hide. */
export const withDefault = <S extends z.ZodType>(schema: S, value: z.output<S>) =>
  schema.default(value as never).meta(schema.meta() ?? {});
