import { describe, expect, it } from 'vitest';
import { packInWorker } from './pack-in-worker.ts';
import { anywhere, type PackingProblem } from './problem.ts';

const GIB = 2 ** 30;

function problemOf(classes: number): PackingProblem {
  return {
    pods: Array.from({ length: classes }, (_, i) => ({
      name: `p${i}`,
      count: 1 + (i % 20),
      requests: {
        cpuMilli: 50 + ((i * 37) % 900),
        memoryBytes: (64 + ((i * 91) % 3_000)) * 2 ** 20,
        extended: {},
      },
      rules: anywhere,
    })),
    offers: [2, 4, 8, 16].map(cores => ({
      instanceType: `c${cores}`,
      zone: 'a',
      capacityType: 'on-demand',
      labels: {},
      taints: [],
      allocatable: { cpuMilli: cores * 960, memoryBytes: cores * 3.5 * GIB, extended: {} },
      podLimit: 110,
      priceMicroUsdPerHour: cores * 48_000,
    })),
    daemonSets: [],
    existing: [],
    maxNodes: null,
  };
}

describe('packing in a thread of its own', { timeout: 60_000 }, () => {
  it('places everything, tells of better packings, and lets the event loop here run', async () => {
    const told: number[] = [];
    const problem = problemOf(600);
    const packing = packInWorker(problem, { seed: 1, timeLimitMs: 2_000, report: cost => told.push(cost) });
    let beats = 0;
    const beat = setInterval(() => beats++, 10);
    const answer = await packing;
    clearInterval(beat);
    expect(answer.unplaced).toEqual([]);
    expect(told.at(-1)).toBe(answer.costMicroUsdPerHour);
    // Had packing run here, not one timer would have fired before the answer.
    expect(beats).toBeGreaterThan(5);
  });

  it('answers with the best so far when asked to stop, also before it began', async () => {
    const stop = new AbortController();
    stop.abort();
    const answer = await packInWorker(problemOf(100), { seed: 1, timeLimitMs: 60_000, signal: stop.signal });
    expect(answer.unplaced).toEqual([]);
    expect(answer.lowerBoundMicroUsdPerHour).toBeLessThanOrEqual(answer.costMicroUsdPerHour);
  });
});
