import { seededRandom } from '../../common/seeded-random.ts';

/** Zones of a made recording, each with the price that it tells and how often its capacity is away in an hour. */
export const madeZones = ['a', 'b', 'c', 'd'].map((letter, place) => {
  const usd = 0.1 * (1 + 2 * place);
  return { zone: `us-east-1${letter}`, usd, truth: 1 / (1 + Math.exp(5 - 6 * usd)) };
});

/**
 * A recording of so many days of hourly ticks, in which capacity is away by chance alone: what a model can know is how high the price
 * is. The same seed makes the same text.
 */
export function madeRecording(days: number, { start = '2026-09-01T00:00:00Z', seed = 4 } = {}): string {
  const random = seededRandom(seed);
  const rows = madeZones.flatMap(({ zone, usd, truth }) =>
    Array.from({ length: days * 24 }, (_, tick) => {
      const available = random() < truth ? 0 : 1;
      return `m5-${zone},m5.large,${zone},${start},3600,${tick},1,${available},${usd.toFixed(4)}`;
    }),
  );
  return `trace,instance_type,zone,start_date,gap_seconds,tick_start,ticks,available,price_usd\n${rows.join('\n')}\n`;
}
