import type { Scenario } from '../scenario.ts';
import { mistreatedMessages } from './mistreated-messages.ts';
import { randomDrains } from './random-drains.ts';

/** Every scenario, in the order in which `npm run soak` goes through them. */
export const scenarios: readonly Scenario[] = [mistreatedMessages, randomDrains];
