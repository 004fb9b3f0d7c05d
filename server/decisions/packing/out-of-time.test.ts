import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../common/seeded-random.ts';
import { improveCluster } from './improve-cluster.ts';
import { expectNothingLost, judge } from './judged-packing.fixture.ts';
import { type LinearSolver, loadLinearSolver } from './linear-solver.ts';
import { packInTime } from './pack-problem.ts';
import { randomCluster } from './random-cluster.fixture.ts';
import { rearrange } from './rearrangement.ts';

let solve: LinearSolver;
beforeAll(async () => {
  solve = await loadLinearSolver();
});

/** Time that runs out after so many looks at the clock, a part of them before the search is to end. */
function clockOf(looks: number, forSearch: number) {
  let looked = 0;
  return {
    seed: 1,
    patience: 3,
    shouldStop: () => ++looked > looks * forSearch,
    isTooLate: () => ++looked > looks,
    shouldStopAsking: () => ++looked > looks,
  };
}

describe('when time runs out at any moment', () => {
  it('a packing is one that kube-scheduler accepts, or none', () => {
    let given = 0;
    let early = 0;
    for (let seed = 0; seed < 600; seed++) {
      const random = seededRandom(seed);
      const problem = randomCluster(seed);
      const options = {
        solve: seed % 5 === 0 ? solve : undefined,
        ...clockOf(400 * random() ** 3, random()),
      };
      const answer = packInTime(problem, options);
      if (!answer) {
        early++;
        continue;
      }
      given++;
      expect(judge(problem, answer).first, `seed ${seed}`).toBeUndefined();
      expectNothingLost(problem, answer);
      expect(answer.lowerBoundMicroUsdPerHour).toBeLessThanOrEqual(answer.costMicroUsdPerHour);
    }
    // Both happen, so that neither is said of nothing.
    expect(given).toBeGreaterThan(100);
    expect(early).toBeGreaterThan(100);
  });

  it('a running cluster stays as it is, its pending pods with it, and says that there was no time', () => {
    for (let seed = 0; seed < 50; seed++) {
      const problem = randomCluster(seed);
      const found = rearrange(problem, { solve, ...clockOf(0, 0) });
      expect(found).toMatchObject({ remove: [], add: [], moves: [], isOutOfTime: true });
      expect(found.keep).toEqual(problem.existing.map(({ name }) => name));
      expect(found.costAfterMicroUsdPerHour).toBe(found.costBeforeMicroUsdPerHour);
      const pending = problem.pods.flatMap(({ count }, podClass) => (count > 0 ? [{ podClass, count }] : []));
      expect(found.unplaced.map(({ podClass, count }) => ({ podClass, count }))).toEqual(pending);
    }
  });

  it('the bound holds for true prices, and what was not worked out is not told', () => {
    for (let seed = 0; seed < 60; seed++) {
      const problem = randomCluster(seed);
      const whatIf = problem.existing.map((_, place) => place);
      const order = { problem, minimumSavingShare: 0.1, whatIf };
      const whole = improveCluster(order, { solve, ...clockOf(Number.POSITIVE_INFINITY, 1) });
      const cut = improveCluster(order, { solve, ...clockOf(20 + seed, 0.5) });
      expect(cut.lowerBoundMicroUsdPerHour).toBeLessThanOrEqual(cut.costAfterMicroUsdPerHour);
      expect(whole.savesMicroUsdPerHour).not.toContain(null);
      expect(cut.savesMicroUsdPerHour).toHaveLength(whatIf.length);
      for (const saved of cut.savesMicroUsdPerHour)
        if (saved !== null) expect(saved).toBeGreaterThanOrEqual(0);
    }
  });
});
