import { seededRandom } from '../../common/seeded-random.ts';

/** Draws for tests, all of mean 0 and the same for the same seed. */
export function randomSamples(seed: number) {
  const uniform = seededRandom(seed);
  /** Box and Muller, one of the pair. */
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    normal,
    /** Skewness 1.75. */
    lognormal: () => Math.exp(0.5 * normal()) - Math.exp(0.125),
    /** Skewness 2. */
    exponential: () => -Math.log(1 - uniform()) - 1,
    /** Student's t with three degrees of freedom: a finite variance, no finite fourth moment. */
    heavyTailed: () => {
      const chiSquared = normal() ** 2 + normal() ** 2 + normal() ** 2;
      return normal() / Math.sqrt(chiSquared / 3);
    },
    /** Each value shares part of its noise with its neighbour, as errors of overlapping horizons do (correlation 0.25). */
    overlapping: () => {
      let before = normal();
      return () => {
        const fresh = normal();
        const value = fresh + 0.268 * before;
        before = fresh;
        return value;
      };
    },
  };
}
