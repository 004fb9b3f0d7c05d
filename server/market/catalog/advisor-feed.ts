import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import { LINUX, WINDOWS } from './catalog-layers.ts';
import { encodeAdvisor, type LayerFile } from './layer-codec.ts';

const feed = z.object({
  ranges: z
    .array(z.object({ index: z.number().int(), label: z.string(), max: z.number() }))
    .min(1)
    .max(6),
  spot_advisor: z.record(
    z.string(),
    z.record(
      z.string(),
      z.record(z.string(), z.object({ s: z.number().int().min(-100).max(99), r: z.number().int() })),
    ),
  ),
});

const productOfSystem: Readonly<Record<string, string>> = { Linux: LINUX, Windows: WINDOWS };

/**
 * The Spot Instance Advisor feed (`spot-advisor-data.json`) as a layer: `s` is percent saved against on-demand, `r` the
 * index of the band in `ranges`, both over the 30 days before. The feed carries no date of its own.
 * @param asOf ISO 8601: when the feed was published or fetched
 * @throws AppError `input.invalid` that names the first wrong value
 */
export function layerOfAdvisorFeed(
  value: unknown,
  source: string,
  asOf: string,
): { layer: LayerFile; figures: number } {
  const result = feed.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw notTheFeed(`${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`);
  }
  const ranges = result.data.ranges.toSorted((a, b) => a.index - b.index);
  const bandOf = new Map(ranges.map(({ index }, position) => [index, position]));
  const regions = new Map<string, Map<string, Map<string, { band: number; savingsPercent: number }>>>();
  let figures = 0;
  for (const [region, systems] of Object.entries(result.data.spot_advisor)) {
    const products = new Map<string, Map<string, { band: number; savingsPercent: number }>>();
    for (const [system, types] of Object.entries(systems)) {
      const product = productOfSystem[system];
      if (product === undefined) continue;
      const entries = new Map<string, { band: number; savingsPercent: number }>();
      for (const [instanceType, { s, r }] of Object.entries(types)) {
        const band = bandOf.get(r);
        if (band === undefined)
          throw notTheFeed(`${region} ${instanceType} is in range ${r}, which is not listed`);
        entries.set(instanceType, { band, savingsPercent: s });
        figures++;
      }
      products.set(product, entries);
    }
    regions.set(region, products);
  }
  if (figures === 0) throw notTheFeed('it lists no instance type');
  const bands = ranges.map(({ label, max }) => ({ label, maxPercent: max }));
  return { layer: encodeAdvisor(regions, bands, source, asOf), figures };
}

function notTheFeed(why: string): AppError {
  return new AppError('input.invalid', `This is no Spot Instance Advisor feed: ${why}.`, {
    hint: 'Take spot-advisor-data.json as AWS publishes it.',
  });
}
