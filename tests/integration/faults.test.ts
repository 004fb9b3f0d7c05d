import { describe, expect, it } from 'vitest';
import type { Scenario } from '../soak/scenario.ts';
import { foreignTaints } from '../soak/scenarios/foreign-taints.ts';
import { mistreatedMessages } from '../soak/scenarios/mistreated-messages.ts';
import { randomDrains } from '../soak/scenarios/random-drains.ts';
import { sameNames } from '../soak/scenarios/same-names.ts';
import { stoppedAgents } from '../soak/scenarios/stopped-agents.ts';

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

  it('an agent that stood still past its deadline changes nothing and is not believed', () =>
    holds(stoppedAgents, 1));

  it('random drains break no budget, delete no pod and end', () => holds(randomDrains, 500));

  it('an object that was made anew under the same name is left alone', () => holds(sameNames, 100));

  it('taints that others put on a node meanwhile are all there', () => holds(foreignTaints, 60));
});
