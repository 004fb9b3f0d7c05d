export {
  DEFAULT_SCENARIO,
  parseScenario,
  readScenario,
  shippedScenarios,
  WrongScenario,
} from './read-scenario.ts';
export type { Scenario, ScenarioWorkload } from './scenario.ts';
