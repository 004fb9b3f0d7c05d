import { expect, it } from 'vitest';
import { loadLinearSolver } from '../../server/decisions/packing/linear-solver.ts';
import { packProblem } from '../../server/decisions/packing/pack-problem.ts';
import { generatedCases } from './cases.ts';
import { baselineCosts, Comparison } from './compare.ts';
import { verifyAnswer } from './verify-answer.ts';

it('packing costs no more than first-fit-decreasing on 30 clusters, and less on at least half of them', async () => {
  const solve = await loadLinearSolver();
  const comparison = new Comparison();
  for (const one of generatedCases(16, 14)) {
    const answer = packProblem(one.problem, { solve, seed: 1, shouldStop: () => false, patience: 0 });
    verifyAnswer(one.problem, answer);
    expect(answer.unplaced, one.name).toEqual([]);
    comparison.add(one.name, answer.costMicroUsdPerHour, baselineCosts(one));
  }
  expect(comparison.cases).toBe(30);
  expect(comparison.dearer).toEqual([]);
  expect(comparison.below).toBeGreaterThanOrEqual(15);
});
