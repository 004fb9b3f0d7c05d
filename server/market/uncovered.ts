import type { CoveredStretch } from './coverage-store.ts';
import { differenceOf, type IntervalSet, intersectionOf, unionOf } from './intervals.ts';

/**
 * The parts of a stretch that none of the others vouches for. For all types only stretches of all types vouch; for some, each type may be
 * vouched for by others.
 */
export function uncovered(wanted: CoveredStretch, held: readonly CoveredStretch[]): CoveredStretch[] {
  const here = held.filter(({ region, product }) => region === wanted.region && product === wanted.product);
  const ofType = (type: string | undefined): IntervalSet =>
    unionOf(
      here.filter(
        ({ instanceTypes }) =>
          instanceTypes.length === 0 || (type !== undefined && instanceTypes.includes(type)),
      ),
    );
  const [first, ...others] = wanted.instanceTypes.map(ofType);
  const covered = first ? others.reduce(intersectionOf, first) : ofType(undefined);
  const whole = [{ fromMs: wanted.fromMs, toMs: wanted.toMs }];
  return differenceOf(whole, covered).map(({ fromMs, toMs }) => ({ ...wanted, fromMs, toMs }));
}
