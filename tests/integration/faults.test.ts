import { describe, expect, it } from 'vitest';
import type { Scenario } from '../soak/scenario.ts';
import { mistreatedMessages } from '../soak/scenarios/mistreated-messages.ts';
import { randomDrains } from '../soak/scenarios/random-drains.ts';

/** The same scenarios as `npm run soak`, at a size for every day. */
async function holds(scenario: Scenario, size: number): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { done, figures, misses } = await scenario.run({
    size,
    seed,
    isOver: () => false,
    say: () => undefined,
  });
  expect(misses, `seed ${seed}, ${JSON.stringify(figures)}`).toEqual([]);
  expect(done).toBeGreaterThanOrEqual(size);
}

describe('under faults', () => {
  it('no acknowledged message is lost and none is counted twice', () => holds(mistreatedMessages, 6_000));

  it('random drains break no budget, delete no pod and end', () => holds(randomDrains, 500));
});
