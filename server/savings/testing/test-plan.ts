import type { Plan } from '../../../common/contracts/index.ts';
import { START } from './test-cluster.ts';

/** A plan of the Spot engine that replaces a node at a price. */
export function planOf(
  id: string,
  nodeName: string,
  price: number,
  state: Plan['state'] = 'running',
  owner = 'web',
): Plan {
  return {
    id,
    runId: 'run',
    clusterId: 'c1',
    clusterName: 'shop',
    engine: 'spot',
    kind: 'replace-node',
    state,
    createdAt: START,
    changedAt: START,
    title: id,
    reasons: [],
    remove: [
      {
        name: nodeName,
        uid: `uid-${nodeName}`,
        instanceType: 'm5.xlarge',
        zone: 'a',
        capacityType: 'on-demand',
        priceMicroUsdPerHour: price,
      },
    ],
    add: [
      {
        key: 'new',
        allocatable: null,
        instanceType: 'm5.xlarge',
        zone: 'a',
        capacityType: 'spot',
        priceMicroUsdPerHour: 60_000,
        predictedMicroUsdPerHour: 60_000,
        forecastBy: 'persistence',
        interruptionMaxPercentPerMonth: 5,
      },
    ],
    cost: {
      nowMicroUsdPerHour: price,
      afterMicroUsdPerHour: 60_000,
      riskMicroUsdPerHour: 20,
      switchingMicroUsd: 1,
      savingMicroUsdPerHour: 131_980,
      paybackMs: 1,
    },
    proof: null,
    pods: [
      {
        namespace: 'shop',
        name: 'p',
        uid: 'p',
        owner: `StatefulSet/shop/${owner}`,
        from: nodeName,
        to: null,
        requests: null,
      },
    ],
    steps: [],
    approval: null,
    outcome: null,
  };
}
