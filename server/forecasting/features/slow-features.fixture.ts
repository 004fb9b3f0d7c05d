import { familyOf, MS_PER_DAY, MS_PER_HOUR, type Pool } from '../../../common/units/index.ts';
import type { PoolPrices } from './index.ts';
import type { RandomMarket } from './random-market.fixture.ts';

const KNOWN_MS = 24.5 * MS_PER_HOUR;
/** Times are whole milliseconds; this is between two of them. */
const A_MOMENT_MS = 0.5;

/** A feature written down as it is documented, one value at a time, with no thought of speed. @throws for an unknown name */
export function slowFeature(name: string, market: RandomMarket, own: PoolPrices, atMs: number): number {
  const facts = market.factsOf(own.pool);
  const price = priceOf(own, atMs);
  const [, hoursText = '0'] = /_(\d+)h/.exec(name) ?? [];
  const agoMs = Number(hoursText) * MS_PER_HOUR;
  const kind = name.replace(/_\d+h/, '_H');
  const window = () => new SlowWindow(own, atMs, agoMs);
  const beside = (test: (pool: Pool) => boolean) => [
    own,
    ...market.prices.filter(other => other !== own && isBeside(own.pool, other.pool) && test(other.pool)),
  ];
  const zones = () => beside(pool => pool.instanceType === own.pool.instanceType);
  const sizes = () =>
    beside(
      pool =>
        familyOf(pool.instanceType) === familyOf(own.pool.instanceType) &&
        pool.availabilityZone === own.pool.availabilityZone,
    );
  const zonePrices = () => known(zones().map(other => priceOf(other, atMs)));
  const perVcpu = (other: PoolPrices) =>
    priceOf(other, atMs) / (market.factsOf(other.pool).vcpu ?? Number.NaN);
  const sizePrices = () => known(sizes().map(perVcpu));
  const returnOf = (other: PoolPrices) => Math.log(priceOf(other, atMs) / priceOf(other, atMs - agoMs));
  const onDemand = facts.onDemandMicroUsdPerHour ?? Number.NaN;
  const turn = (days: number, shiftDays = 0) => {
    const periodMs = days * MS_PER_DAY;
    return (((atMs + shiftDays * MS_PER_DAY) % periodMs) / periodMs) * 2 * Math.PI;
  };
  const ifKnown = (value: number, result: () => number) => (Number.isNaN(value) ? Number.NaN : result());
  const features: Record<string, () => number> = {
    last_price_usd: () => price / 1e6,
    log_last_price: () => Math.log(price / 1e6),
    price_to_on_demand: () => price / onDemand,
    price_H_ago_to_on_demand: () => priceOf(own, atMs - agoMs) / onDemand,
    return_H: () => returnOf(own),
    lag_H_to_last: () => priceOf(own, atMs - agoMs) / price - 1,
    hours_since_change: () => lastChange(own, atMs).agoMs / MS_PER_HOUR,
    last_change_return: () => lastChange(own, atMs).logReturn,
    mean_H_to_last: () => window().mean / price - 1,
    std_H_to_last: () => window().deviation / price,
    min_H_to_last: () => Math.min(...window().prices) / price - 1,
    max_H_to_last: () => Math.max(...window().prices) / price - 1,
    p10_H_to_last: () => window().quantile(0.1) / price - 1,
    median_H_to_last: () => window().quantile(0.5) / price - 1,
    p90_H_to_last: () => window().quantile(0.9) / price - 1,
    share_at_price_H: () => window().timeAt(price) / agoMs,
    changes_H: () => window().count(move => move !== 0),
    ups_H: () => window().count(move => move > 0),
    downs_H: () => window().count(move => move < 0),
    zones_known: () => ifKnown(price, () => zonePrices().length),
    price_to_lowest_zone: () => ifKnown(price, () => price / Math.min(...zonePrices()) - 1),
    price_to_median_zone: () => ifKnown(price, () => price / median(zonePrices()) - 1),
    zones_return_H: () => median(known(zones().slice(1).map(returnOf))),
    sizes_known: () => ifKnown(perVcpu(own), () => sizePrices().length),
    per_vcpu_to_lowest_size: () => ifKnown(perVcpu(own), () => perVcpu(own) / Math.min(...sizePrices()) - 1),
    per_vcpu_to_median_size: () => ifKnown(perVcpu(own), () => perVcpu(own) / median(sizePrices()) - 1),
    sizes_return_H: () => median(known(sizes().slice(1).map(returnOf))),
    hour_of_day_sin: () => Math.sin(turn(1)),
    hour_of_day_cos: () => Math.cos(turn(1)),
    day_of_week_sin: () => Math.sin(turn(7, 4)),
    day_of_week_cos: () => Math.cos(turn(7, 4)),
    time_of_year_sin: () => Math.sin(turn(365.2425)),
    time_of_year_cos: () => Math.cos(turn(365.2425)),
    is_weekend: () => ([0, 6].includes(new Date(atMs).getUTCDay()) ? 1 : 0),
    vcpu: () => facts.vcpu ?? Number.NaN,
    memory_gib: () => (facts.memoryMib ?? Number.NaN) / 1024,
    memory_gib_per_vcpu: () => (facts.memoryMib ?? Number.NaN) / 1024 / (facts.vcpu ?? Number.NaN),
    gpu_count: () => facts.gpuCount ?? Number.NaN,
    is_arm64: () => (facts.arch === undefined ? Number.NaN : facts.arch === 'arm64' ? 1 : 0),
    size_rank: () => ranks[own.pool.instanceType.split('.')[1] ?? ''] ?? Number.NaN,
    generation: () => generations[familyOf(own.pool.instanceType)] ?? Number.NaN,
    on_demand_usd: () => onDemand / 1e6,
    interruption_max_percent: () =>
      facts.interruption && atMs >= facts.interruption.knownSinceMs
        ? facts.interruption.maxPercent
        : Number.NaN,
  };
  const feature = features[kind];
  if (!feature) throw new Error(`There is no slow "${name}".`);
  return feature();
}

const ranks: Record<string, number> = {
  medium: 3,
  large: 4,
  xlarge: 5,
  '4xlarge': 7,
  '56xlarge': 5 + Math.log2(56),
};
const generations: Record<string, number> = { m5: 5, c7g: 7 };

function isBeside(a: Pool, b: Pool): boolean {
  return a.region === b.region && a.product === b.product;
}

function known(values: readonly number[]): number[] {
  return values.filter(value => !Number.isNaN(value));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return Number.isInteger(half) ? (at(half - 1) + at(half)) / 2 : at(Math.floor(half));
}

function priceOf({ atMs, priceMicroUsdPerHour }: PoolPrices, timeMs: number): number {
  const last = atMs.findLastIndex(at => at <= timeMs);
  const isKnown = last >= 0 && timeMs - (atMs[last] ?? 0) <= KNOWN_MS;
  return isKnown ? (priceMicroUsdPerHour[last] ?? Number.NaN) : Number.NaN;
}

/** Walks back from a time, record by record, as long as the price is known. */
function lastChange(own: PoolPrices, timeMs: number): { agoMs: number; logReturn: number } {
  const longestMs = 7 * MS_PER_DAY;
  const unknown = { agoMs: Number.NaN, logReturn: Number.NaN };
  if (Number.isNaN(priceOf(own, timeMs))) return unknown;
  const { atMs, priceMicroUsdPerHour: prices } = own;
  for (let record = atMs.findLastIndex(at => at <= timeMs); record >= 0; record--) {
    const at = atMs[record] ?? 0;
    if (at <= timeMs - longestMs) return { agoMs: longestMs, logReturn: 0 };
    if (Number.isNaN(priceOf(own, at - A_MOMENT_MS))) return unknown;
    const [price = 0, before = 0] = [prices[record], prices[record - 1]];
    if (price !== before) return { agoMs: timeMs - at, logReturn: Math.log(price / before) };
  }
  return unknown;
}

/** Stretches of one price in `(to − length, to]`; all figures are NaN when any of it is not known. */
class SlowWindow {
  readonly prices: number[] = [];
  readonly #lengthsMs: number[] = [];
  readonly #lengthMs: number;
  readonly #isKnown: boolean;

  constructor(own: PoolPrices, toMs: number, lengthMs: number) {
    const fromMs = toMs - lengthMs;
    const inside = own.atMs.filter(at => at > fromMs && at <= toMs);
    const starts = [fromMs, ...inside];
    for (const [index, start] of starts.entries()) {
      this.prices.push(priceOf(own, start));
      this.#lengthsMs.push((starts[index + 1] ?? toMs) - start);
    }
    this.#lengthMs = lengthMs;
    const ends = [...inside.map(at => at - A_MOMENT_MS), toMs];
    this.#isKnown = [fromMs, ...ends].every(at => !Number.isNaN(priceOf(own, at)));
    if (!this.#isKnown) this.prices.fill(Number.NaN);
  }

  count(counts: (move: number) => boolean): number {
    if (!this.#isKnown) return Number.NaN;
    return this.prices.slice(1).filter((price, index) => counts(price - (this.prices[index] ?? 0))).length;
  }

  get mean(): number {
    const sum = this.prices.reduce((total, price, index) => total + price * (this.#lengthsMs[index] ?? 0), 0);
    return sum / this.#lengthMs;
  }

  get deviation(): number {
    const { mean } = this;
    const squares = this.prices.map((price, index) => (price - mean) ** 2 * (this.#lengthsMs[index] ?? 0));
    return Math.sqrt(squares.reduce((total, square) => total + square, 0) / this.#lengthMs);
  }

  timeAt(price: number): number {
    if (!this.#isKnown) return Number.NaN;
    return this.#lengthsMs.filter((_, index) => this.prices[index] === price).reduce((a, b) => a + b, 0);
  }

  quantile(share: number): number {
    const pieces = this.prices
      .map((price, index) => ({ price, ms: this.#lengthsMs[index] ?? 0 }))
      .sort((a, b) => a.price - b.price);
    let missingMs = Math.round(share * this.#lengthMs);
    for (const { price, ms } of pieces) {
      missingMs -= ms;
      if (missingMs <= 0) return price;
    }
    return Number.NaN;
  }
}
