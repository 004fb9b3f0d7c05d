export { DEFAULT_SCENARIO, readScenario, shippedScenarios, WrongScenario } from './read-scenario.ts';
export type { Scenario, ScenarioWorkload } from './scenario.ts';
