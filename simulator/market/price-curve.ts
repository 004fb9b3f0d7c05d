import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { bellAt, seedOf, smoothNoise, uniformAt } from './hash-noise.ts';

/** AWS quotes Spot prices in steps of $0.0001. */
const QUOTE_STEP_MICRO_USD = 100;
/** A busy pool is quoted anew about every 6.2 hours, give or take three quarters of an hour. */
const QUOTE_EVERY_MS = 6.2 * MS_PER_HOUR;
const QUOTE_JITTER_MS = 1.5 * MS_PER_HOUR;
const LOWEST_SHARE = 0.2;
const SHARE_RANGE = 0.4;
/** Share of types whose price hardly ever moves. */
const CALM_TYPES = 0.45;
/** Height of a step of the staircase, in standard deviations of the pressure. */
const TERRACE = 2.2;

/** The price of one pool as a function of time. */
export interface PriceCurve {
  /** When quote `index` is made: milliseconds, a whole second, growing with the index. */
  quotedAtMs(index: number): number;
  /** The last quote at or before `atMs`. */
  quoteIndexAt(atMs: number): number;
  /** What quote `index` says, in micro-USD for an hour. */
  quoteMicroUsdPerHour(index: number): number;
}

/** What makes one pool's curve its own. */
export interface PriceCurveOptions {
  /** Seed of the whole market. */
  readonly seed: number;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly product: string;
  readonly onDemandMicroUsdPerHour: number;
}

/**
 * A price between 20 % and 60 % of on-demand. Its logit is a centre plus smooth noise on scales of days to weeks, most of it
 * shared by the zones of a type and some by its family, plus a weak daily and weekly wave and a little roughness. How
 * much a type moves differs by orders of magnitude between types, as in the recordings: most are calm, a few double.
 */
export function createPriceCurve(options: PriceCurveOptions): PriceCurve {
  const family = options.instanceType.split('.')[0] ?? options.instanceType;
  const familySeed = seedOf(options.seed, `family ${family}`);
  const typeSeed = seedOf(options.seed, `type ${options.instanceType} ${options.product}`);
  const poolSeed = seedOf(typeSeed, `zone ${options.availabilityZone}`);

  const centre = -0.55 + 0.55 * bellAt(typeSeed, 1) + 0.2 * bellAt(poolSeed, 1);
  const licensed = options.product === 'Windows';
  const liveliness = 1.5 * bellAt(typeSeed, 2) + 0.6 * bellAt(poolSeed, 2);
  const calm = uniformAt(typeSeed, 5) < CALM_TYPES ? 0.12 : 1;
  const swing = Math.min(1.3, (licensed ? 0.015 : 0.14) * calm * Math.exp(liveliness));
  const phaseMs = Math.floor(uniformAt(poolSeed, 3) * QUOTE_EVERY_MS);
  const waveShift = uniformAt(familySeed, 3);
  const levelShift = TERRACE * (uniformAt(typeSeed, 6) + 0.15 * uniformAt(poolSeed, 2));

  function quotedAtMs(index: number): number {
    const jitterMs = (uniformAt(poolSeed, index * 4 + 4) - 0.5) * QUOTE_JITTER_MS;
    return Math.floor((index * QUOTE_EVERY_MS + phaseMs + jitterMs) / 1000) * 1000;
  }

  function quoteIndexAt(atMs: number): number {
    const guess = Math.floor((atMs - phaseMs) / QUOTE_EVERY_MS) + 1;
    if (quotedAtMs(guess) <= atMs) return guess;
    return quotedAtMs(guess - 1) <= atMs ? guess - 1 : guess - 2;
  }

  function quoteMicroUsdPerHour(index: number): number {
    const days = quotedAtMs(index) / MS_PER_DAY;
    const ofType = 0.8 * smoothNoise(typeSeed, days / 11) + 0.35 * smoothNoise(typeSeed + 1, days / 2.9);
    const ofZone = 0.8 * smoothNoise(poolSeed, days / 9) + 0.4 * smoothNoise(poolSeed + 1, days / 2.2);
    const ofFamily = smoothNoise(familySeed, days / 15);
    const wave = Math.sin(2 * Math.PI * (days + waveShift)) + 1.5 * Math.sin((2 * Math.PI * days) / 7);
    const rough = bellAt(poolSeed + 2, index);
    const pressure = 0.75 * ofType + 0.35 * ofZone + 0.35 * ofFamily + 0.02 * wave + 0.01 * rough;
    const moved = terraced(terraced(pressure + levelShift)) - levelShift;
    const share = LOWEST_SHARE + SHARE_RANGE / (1 + Math.exp(-(centre + swing * moved)));
    const steps = Math.round((options.onDemandMicroUsdPerHour * share) / QUOTE_STEP_MICRO_USD);
    return Math.max(1, steps) * QUOTE_STEP_MICRO_USD;
  }

  return { quotedAtMs, quoteIndexAt, quoteMicroUsdPerHour };
}

/** A rising staircase with rounded steps: pressure within a step hardly moves the price, as in the calm weeks of a real pool. */
function terraced(pressure: number): number {
  const turn = (2 * Math.PI) / TERRACE;
  return pressure - Math.sin(turn * pressure) / turn;
}
