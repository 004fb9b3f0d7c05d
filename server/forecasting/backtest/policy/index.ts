export { availabilitySkill } from './availability-skill.ts';
export { comparePolicies, type PolicyOrder } from './compare-policies.ts';
export { tracesOfPrices } from './price-traces.ts';
export { readTraces, type TraceOptions } from './read-traces.ts';
export { policiesAsHtml, policiesSection, worthOf } from './render-policies.ts';
