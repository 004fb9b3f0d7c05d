import type { Origins, PoolAvailability } from './pool-availability.ts';

/** With fewer known outcomes the base rate is unknown. */
const FEWEST_OUTCOMES = 100;
/** Jeffreys' prior of a share: nothing seen yet is not "never". */
const PRIOR = 0.5;

/**
 * How often it had happened to all pools by each time, from made-at times of the same step whose horizon was over by then, back to
 * the beginning of the recordings; NaN below a hundred known outcomes.
 * @param timesMs ascending, whole multiples of the step
 */
export function baseRatesAt(
  timesMs: Float64Array,
  {
    availability,
    horizonMs,
    stepMs,
    origins,
  }: {
    readonly availability: readonly PoolAvailability[];
    readonly horizonMs: number;
    readonly stepMs: number;
    readonly origins: Origins;
  },
): Float64Array {
  const firstMs = Math.ceil(Math.min(...availability.map(({ fromMs }) => fromMs)) / stepMs) * stepMs;
  const count = Math.max(0, Math.floor(((timesMs.at(-1) ?? 0) - horizonMs - firstMs) / stepMs) + 1);
  const earlierMs = Float64Array.from({ length: count }, (_, index) => firstMs + index * stepMs);
  const known = new Float64Array(count);
  const happened = new Float64Array(count);
  for (const pool of availability) {
    const outcomes = pool.outcomes(earlierMs, horizonMs);
    for (let place = 0; place < count; place++) {
      const came = outcomes.happened[place] ?? -1;
      const away = outcomes.isAway[place];
      if (came === -1 || away === -1 || (origins === 'available' && away === 1)) continue;
      known[place] = (known[place] ?? 0) + 1;
      happened[place] = (happened[place] ?? 0) + came;
    }
  }
  const rates = new Float64Array(timesMs.length);
  let next = 0;
  let [allKnown, allHappened] = [0, 0];
  for (const [place, at] of timesMs.entries()) {
    for (; next < count && (earlierMs[next] ?? 0) + horizonMs <= at; next++) {
      allKnown += known[next] ?? 0;
      allHappened += happened[next] ?? 0;
    }
    rates[place] = allKnown < FEWEST_OUTCOMES ? Number.NaN : (allHappened + PRIOR) / (allKnown + 2 * PRIOR);
  }
  return rates;
}
