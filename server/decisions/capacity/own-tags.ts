/** Tags of instances that a plan launched, by which they are found again and known as own. */
export const ownTag = {
  plan: 'cloudoptim:plan',
  step: 'cloudoptim:step',
  cluster: 'cloudoptim:cluster',
} as const;
