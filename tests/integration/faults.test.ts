import { describe, expect, it } from 'vitest';
import type { Scenario } from '../soak/scenario.ts';
import { daysWithoutAServer } from '../soak/scenarios/days-without-a-server.ts';
import { foreignTaints } from '../soak/scenarios/foreign-taints.ts';
import { joinTokens } from '../soak/scenarios/join-tokens.ts';
import { killedAgents } from '../soak/scenarios/killed-agents.ts';
import { killedEngines } from '../soak/scenarios/killed-engines.ts';
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
  it('an engine that is killed while agents report loses nothing and counts nothing twice', () =>
    holds(killedEngines, 2));

  it('an agent that is killed at every effect does each once', () => holds(killedAgents, 3));

  it('an agent that stood still past its deadline changes nothing and is not believed', () =>
    holds(stoppedAgents, 1));

  it('a day without a server and a full disk lose no task result and miscount nothing', () =>
    holds(daysWithoutAServer, 24));

  it('a join token that is used a hundred times at once works once', () => holds(joinTokens, 2));

  it('no acknowledged message is lost and none is counted twice', () => holds(mistreatedMessages, 6_000));

  it('random drains break no budget, delete no pod and end', () => holds(randomDrains, 500));

  it('an object that was made anew under the same name is left alone', () => holds(sameNames, 60));

  it('taints that others put on a node meanwhile are all there', () => holds(foreignTaints, 40));
});
