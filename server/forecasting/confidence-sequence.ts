import { RunningMoments } from './running-moments.ts';

/** How sure, and when it is to be sharpest. */
export interface ConfidenceSettings {
  /** Chance that the true mean is ever outside, over all looks together: 0.05. */
  readonly alpha: number;
  /** Number of observations at which the interval is as narrow as it can be made. */
  readonly tightestAt: number;
  /** Below this many observations nothing is said: the theory is asymptotic. */
  readonly fewest: number;
}

/** What is known of the mean after `count` observations; infinite bounds mean "nothing yet". */
export interface ConfidencePoint {
  readonly count: number;
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** Sharpest at a hundred observations; quiet below twenty, which keeps false alarms on skewed data at the level. */
export const usualConfidence: ConfidenceSettings = { alpha: 0.05, tightestAt: 100, fewest: 20 };

/** Beyond this nobody waits: "unknown" is the truer answer. */
const MOST_OBSERVATIONS = 1_000_000;

/**
 * An asymptotic confidence sequence for the mean of a stream: intervals that hold the true mean at all times at once with
 * probability `1 − alpha`, so that they may be looked at after each observation and the experiment stopped at any of them.
 *
 * It is Robbins' normal mixture with the running variance: mean ± σ̂ · √(2(nρ² + 1) / (n²ρ²) · ln(√(nρ² + 1) / α)), with
 * ρ² = (−2 ln α + ln(−2 ln α + 1)) / `tightestAt`. Three corrections make it wider, never narrower:
 * neighbours that move together add twice their covariance to σ̂² (long-run variance of one lag: errors of neighbouring
 * blocks overlap); the variance is multiplied by n / (n − 3), the variance of Student's t beside that of the normal;
 * and the side towards which the data are skewed is moved outwards by σ̂ · G1 · (1 + 2z²) / (6n), z being the interval's
 * half-width in standard errors, the first term of the Edgeworth expansion of the t statistic.
 *
 * Sources: I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas, "Time-uniform central limit theory and asymptotic
 * confidence sequences", Annals of Statistics 52 (2024), arXiv:2103.06476, theorem 2.2 and the choice of ρ in its appendix;
 * H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Stat. 41 (1970);
 * P. Hall, "On the removal of skewness by transformation", JRSS B 54 (1992) for the expansion.
 */
export class ConfidenceSequence {
  readonly #settings: ConfidenceSettings;
  readonly #rhoSquared: number;
  readonly #moments = new RunningMoments();

  constructor(settings: ConfidenceSettings) {
    const twice = -2 * Math.log(settings.alpha);
    this.#settings = settings;
    this.#rhoSquared = (twice + Math.log(twice + 1)) / settings.tightestAt;
  }

  /** Takes an observation in and says what is known with it. */
  add(value: number): ConfidencePoint {
    this.#moments.add(value);
    return this.now();
  }

  /** What is known so far. */
  now(): ConfidencePoint {
    const { count, mean } = this.#moments;
    const { below, above } = this.#reach(count);
    return { count, mean, lower: mean - below, upper: mean + above };
  }

  /**
   * How many more observations until 0 is excluded, if mean and spread stay as they are: 0 when it is excluded now.
   * @returns `undefined` when that is unknown: below the fewest observations, or beyond a million
   */
  observationsLeft(): number | undefined {
    const { count, mean } = this.#moments;
    if (count < this.#settings.fewest) return undefined;
    const excludes = (atCount: number) => {
      const { below, above } = this.#reach(atCount);
      return mean - below > 0 || mean + above < 0;
    };
    if (excludes(count)) return 0;
    if (!excludes(MOST_OBSERVATIONS)) return undefined;
    let short = count;
    let enough = MOST_OBSERVATIONS;
    while (enough - short > 1) {
      const middle = (short + enough) >>> 1;
      if (excludes(middle)) enough = middle;
      else short = middle;
    }
    return enough - count;
  }

  /** Distance of either bound from the mean at a number of observations, with the moments as they are now. */
  #reach(count: number): { below: number; above: number } {
    if (count < this.#settings.fewest || count < 4) {
      return { below: Number.POSITIVE_INFINITY, above: Number.POSITIVE_INFINITY };
    }
    const { variance, neighbourCovariance, skewness } = this.#moments;
    const longRun = variance + 2 * Math.max(0, neighbourCovariance);
    const deviation = Math.sqrt((longRun * count) / (count - 3));
    const growth = count * this.#rhoSquared + 1;
    const zSquared = ((2 * growth) / (growth - 1)) * Math.log(Math.sqrt(growth) / this.#settings.alpha);
    const half = deviation * Math.sqrt(zSquared / count);
    const shift = (deviation * skewness * (1 + 2 * zSquared)) / (6 * count);
    return { below: half + Math.max(0, -shift), above: half + Math.max(0, shift) };
  }
}
