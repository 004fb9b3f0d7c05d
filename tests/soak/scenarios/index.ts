import type { Scenario } from '../scenario.ts';
import { daysWithoutAServer } from './days-without-a-server.ts';
import { foreignTaints } from './foreign-taints.ts';
import { joinTokens } from './join-tokens.ts';
import { killedAgents } from './killed-agents.ts';
import { killedEngines } from './killed-engines.ts';
import { manyAgents } from './many-agents.ts';
import { mistreatedMessages } from './mistreated-messages.ts';
import { randomDrains } from './random-drains.ts';
import { sameNames } from './same-names.ts';
import { stoppedAgents } from './stopped-agents.ts';

/** Every scenario, in the order in which `npm run soak` goes through them. */
export const scenarios: readonly Scenario[] = [
  killedEngines,
  killedAgents,
  stoppedAgents,
  daysWithoutAServer,
  joinTokens,
  mistreatedMessages,
  randomDrains,
  sameNames,
  foreignTaints,
  manyAgents,
];
