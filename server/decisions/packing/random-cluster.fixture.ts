import { seededRandom } from '../../../common/seeded-random.ts';
import {
  ARCH_LABEL,
  anywhere,
  type DaemonSet,
  type ExistingNode,
  HOSTNAME_LABEL,
  type LabelSelector,
  type NodeTerm,
  type Offer,
  type PackingProblem,
  type PodClass,
  type PodRules,
  type PodTerm,
  type SpreadConstraint,
  type Taint,
  type Toleration,
  ZONE_LABEL,
} from './problem.ts';

const GIB = 2 ** 30;
const ZONES = ['a', 'b', 'c'];
const RACK_LABEL = 'example.com/rack';

/** A small cluster that is different for every seed: every kind of rule comes up, often several in one pod, and often in each other's way. */
export function randomCluster(seed: number): PackingProblem {
  const random = seededRandom(seed);
  const below = (most: number) => Math.floor(random() * most);
  const chance = (part: number) => random() < part;
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

  const taints = (): Taint[] =>
    chance(0.25)
      ? [
          {
            key: pick(['dedicated', 'spot']),
            value: pick(['x', 'y']),
            effect: pick(['NoSchedule', 'NoExecute', 'PreferNoSchedule'] as const),
          },
        ]
      : [];
  const tolerations = (): Toleration[] => {
    if (chance(0.6)) return [];
    const effect = pick(['NoSchedule', 'NoExecute', ''] as const);
    // As the API has it: no value with Exists, a key with Equal.
    return chance(0.5)
      ? [{ key: pick(['dedicated', 'spot', '']), operator: 'Exists', value: '', effect }]
      : [{ key: pick(['dedicated', 'spot']), operator: 'Equal', value: pick(['x', 'y', '']), effect }];
  };
  const nodeLabels = (zone: string, type: string): Record<string, string> => ({
    [ARCH_LABEL]: pick(['amd64', 'amd64', 'arm64']),
    'node.kubernetes.io/instance-type': type,
    generation: String(below(4) + 3),
    ...(chance(0.9) ? { [ZONE_LABEL]: zone } : {}),
    ...(chance(0.6) ? { [RACK_LABEL]: pick(['r1', 'r2']) } : {}),
  });

  const offers: Offer[] = [];
  for (let type = 0; type < 1 + below(3); type++) {
    const cpuMilli = pick([1000, 2000, 4000]);
    const memory = pick([2, 4, 8]) * GIB;
    for (const zone of ZONES) {
      if (chance(0.25)) continue;
      const instanceType = `t${type}`;
      offers.push({
        instanceType,
        zone,
        capacityType: 'on-demand',
        labels: nodeLabels(zone, instanceType),
        taints: taints(),
        allocatable: {
          cpuMilli,
          memoryBytes: memory,
          extended: chance(0.2) ? { 'nvidia.com/gpu': 1 + below(2) } : {},
        },
        podLimit: 2 + below(8),
        priceMicroUsdPerHour: chance(0.05) ? null : cpuMilli * 20 + below(40_000),
      });
    }
  }

  const hasWishes = chance(0.3);
  const nodeTerm = (): NodeTerm =>
    chance(0.1)
      ? { matchExpressions: [], matchFields: [{ key: 'metadata.name', operator: 'In', values: ['old-0'] }] }
      : {
          matchExpressions: [
            pick([
              { key: ZONE_LABEL, operator: 'In', values: ['a', 'b'] } as const,
              { key: ZONE_LABEL, operator: 'NotIn', values: ['c'] } as const,
              { key: 'generation', operator: 'Gt', values: ['4'] } as const,
              { key: 'generation', operator: 'Lt', values: ['5'] } as const,
              { key: RACK_LABEL, operator: 'Exists', values: [] } as const,
              { key: RACK_LABEL, operator: 'DoesNotExist', values: [] } as const,
            ]),
          ],
          matchFields: [],
        };
  const selector = (): LabelSelector => {
    const key = pick(['app', 'tier']);
    const expression = chance(0.5)
      ? ({ key, operator: pick(['In', 'NotIn'] as const), values: ['a', '1'] } as const)
      : ({ key, operator: pick(['Exists', 'DoesNotExist'] as const), values: [] } as const);
    return {
      matchLabels: chance(0.6) ? { app: pick(['a', 'b', 'c']) } : {},
      matchExpressions: chance(0.4) ? [expression] : [],
    };
  };
  const term = (): PodTerm => ({
    topologyKey: pick([HOSTNAME_LABEL, ZONE_LABEL, RACK_LABEL]),
    selector: selector(),
    namespaces: chance(0.8) ? ['shop'] : ['shop', 'other'],
  });
  const spread = (): SpreadConstraint => ({
    topologyKey: pick([HOSTNAME_LABEL, ZONE_LABEL, ZONE_LABEL, RACK_LABEL]),
    maxSkew: 1 + below(2),
    whenUnsatisfiable: chance(hasWishes ? 0.5 : 1) ? 'DoNotSchedule' : 'ScheduleAnyway',
    minDomains: chance(0.2) ? 2 + below(2) : 1,
    selector: selector(),
    matchLabelKeys: chance(0.2) ? ['tier'] : [],
    nodeAffinityPolicy: chance(0.8) ? 'Honor' : 'Ignore',
    nodeTaintsPolicy: chance(0.3) ? 'Honor' : 'Ignore',
  });
  const rules = (): PodRules => {
    const labels: Record<string, string> = {
      app: pick(['a', 'b', 'c']),
      ...(chance(0.5) ? { tier: pick(['1', '2']) } : {}),
    };
    const own: LabelSelector = { matchLabels: { app: labels.app as string }, matchExpressions: [] };
    const aimed = <T extends { selector: LabelSelector }>(rule: T): T =>
      chance(0.6) ? { ...rule, selector: own } : rule;
    const weighted = <Term>(wish: Term) => ({ weight: 1 + below(100), term: wish });
    return {
      ...anywhere,
      namespace: chance(0.85) ? 'shop' : 'other',
      labels,
      priority: pick([0, 0, 100]),
      nodeSelector: chance(0.15) ? { [ARCH_LABEL]: pick(['amd64', 'arm64']) } : {},
      nodeAffinity: chance(0.2)
        ? [nodeTerm(), ...(chance(0.2) ? [{ matchExpressions: [], matchFields: [] }] : [])]
        : null,
      tolerations: tolerations(),
      hostPorts: chance(0.12)
        ? [
            {
              protocol: pick(['TCP', 'UDP'] as const),
              hostIp: pick(['0.0.0.0', '10.0.0.1']),
              port: pick([80, 443]),
            },
          ]
        : [],
      podAffinity: chance(0.2) ? [aimed(term()), ...(chance(0.2) ? [term()] : [])] : [],
      podAntiAffinity: chance(0.25) ? [aimed(term())] : [],
      topologySpread: chance(0.35)
        ? differentKeys([aimed(spread()), ...(chance(0.3) ? [spread()] : [])])
        : [],
      preferences: {
        nodeAffinity: hasWishes && chance(0.4) ? [weighted(nodeTerm())] : [],
        podAffinity: hasWishes && chance(0.3) ? [weighted(aimed(term()))] : [],
        podAntiAffinity: hasWishes && chance(0.4) ? [weighted(aimed(term()))] : [],
      },
      volumeZones: chance(0.08) ? [pick(ZONES)] : null,
    };
  };
  const pods: PodClass[] = Array.from({ length: 1 + below(5) }, (_, i) => ({
    name: `class-${i}`,
    count: below(5),
    requests: {
      cpuMilli: pick([0, 100, 250, 600, 1000, 1900]),
      // Whole bytes, as in the API.
      memoryBytes: Math.ceil(pick([0.1, 0.5, 1, 1.8]) * GIB),
      extended: chance(0.08) ? { 'nvidia.com/gpu': 1 } : {},
    },
    rules: rules(),
  }));

  const existing: ExistingNode[] = Array.from({ length: below(4) }, (_, i) => {
    const podLimit = 4 + below(6);
    return {
      name: `old-${i}`,
      labels: nodeLabels(pick(ZONES), 'old'),
      taints: taints(),
      allocatable: { cpuMilli: 4000, memoryBytes: 8 * GIB, extended: {} },
      podLimit,
      unschedulable: chance(0.15),
      priceMicroUsdPerHour: chance(0.1) ? null : 60_000 + below(60_000),
      isRemovable: chance(0.6),
      pods: pods.flatMap((pod, podClass) =>
        chance(0.3) && pod.requests.extended['nvidia.com/gpu'] === undefined
          ? [{ podClass, count: 1, canMove: chance(0.8) }]
          : [],
      ),
    };
  });
  const daemonSets: DaemonSet[] = chance(0.3)
    ? [
        {
          name: 'agent',
          requests: { cpuMilli: 100, memoryBytes: Math.ceil(0.1 * GIB), extended: {} },
          rules: {
            nodeSelector: chance(0.3) ? { [ARCH_LABEL]: 'amd64' } : {},
            nodeAffinity: null,
            tolerations: tolerations(),
          },
        },
      ]
    : [];
  return { pods, offers, daemonSets, existing, maxNodes: chance(0.1) ? 3 + below(3) : null };
}

/** The API refuses two constraints with one key. */
function differentKeys(spreads: readonly SpreadConstraint[]): SpreadConstraint[] {
  return spreads.filter(
    ({ topologyKey }, i) => spreads.findIndex(other => other.topologyKey === topologyKey) === i,
  );
}
