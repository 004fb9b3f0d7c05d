import { beforeAll, describe, expect, it } from 'vitest';
import { expectNothingLost, judge } from './judged-packing.fixture.ts';
import { kubernetesCase, kubernetesLists } from './kubernetes-case.ts';
import { type LinearSolver, loadLinearSolver } from './linear-solver.ts';
import { packProblem } from './pack-problem.ts';
import type { PackingAnswer } from './packing-answer.ts';
import type { PackingProblem, PodClass } from './problem.ts';
import { randomCluster } from './random-cluster.fixture.ts';
import { rejections } from './scheduler-rules.ts';

const CLUSTERS = 10_000;
const CHUNKS = 4;
/** Most clusters are packed without a linear program, which is a tenth of the work; the rules are the same. */
const WITH_SOLVER = 10;

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadLinearSolver();
});

function pack(problem: PackingProblem, seed: number): PackingAnswer {
  const solve = seed % WITH_SOLVER === 0 ? solver : undefined;
  return packProblem(problem, { solve, seed: 1, shouldStop: () => false, patience: 1 });
}

describe('a packing, held against the rules of kube-scheduler', () => {
  it.each(Array.from({ length: CHUNKS }, (_, chunk) => chunk))(
    'has no false fit, loses no pod and never costs less than its bound (part %i)',
    chunk => {
      let unplaced = 0;
      let missed = 0;
      for (let seed = chunk; seed < CLUSTERS; seed += CHUNKS) {
        const problem = randomCluster(seed);
        const answer = pack(problem, seed);
        const { first, nodes, there, namespaces } = judge(problem, answer);
        expect(first, `seed ${seed}`).toBeUndefined();
        expectNothingLost(problem, answer);
        expect(answer.lowerBoundMicroUsdPerHour, `seed ${seed}`).toBeLessThanOrEqual(
          answer.costMicroUsdPerHour,
        );
        for (const { podClass, count } of answer.unplaced) {
          unplaced += count;
          const [pod] = kubernetesCase({ ...problem, offers: [anyOffer] }, onNode(podClass)).pending;
          if (pod && nodes.some(node => rejections(pod, node, nodes, there, namespaces).length === 0))
            missed += count;
        }
      }
      // What is left unplaced although a node of the answer has room: for information, and rare.
      expect(missed / Math.max(1, unplaced)).toBeLessThan(0.01);
    },
    300_000,
  );

  const change = (problem: PackingProblem, rules: Partial<PodClass['rules']>): PackingProblem => ({
    ...problem,
    pods: problem.pods.map(pod => ({ ...pod, rules: { ...pod.rules, ...rules } })),
  });
  const changeSpread = (problem: PackingProblem, how: object): PackingProblem => ({
    ...problem,
    pods: problem.pods.map(pod => ({
      ...pod,
      rules: { ...pod.rules, topologySpread: pod.rules.topologySpread.map(one => ({ ...one, ...how })) },
    })),
  });
  const changeTerms = (problem: PackingProblem, how: object): PackingProblem => ({
    ...problem,
    pods: problem.pods.map(pod => ({
      ...pod,
      rules: {
        ...pod.rules,
        podAffinity: pod.rules.podAffinity.map(one => ({ ...one, ...how })),
        podAntiAffinity: pod.rules.podAntiAffinity.map(one => ({ ...one, ...how })),
      },
    })),
  });
  const without = (problem: PackingProblem, operator: string): PackingProblem => ({
    ...problem,
    pods: problem.pods.map(pod => {
      const isMeant = pod.rules.nodeAffinity?.some(({ matchExpressions }) =>
        matchExpressions.some(one => one.operator === operator),
      );
      return isMeant ? { ...pod, rules: { ...pod.rules, nodeAffinity: null } } : pod;
    }),
  });
  const changeRequests = (problem: PackingProblem, how: object): PackingProblem => ({
    ...problem,
    pods: problem.pods.map(pod => ({ ...pod, requests: { ...pod.requests, ...how } })),
  });
  const everything = { key: '', operator: 'Exists', value: '', effect: '' } as const;
  it.each<[string, string, (problem: PackingProblem) => PackingProblem]>([
    ['host ports', 'NodePorts', problem => change(problem, { hostPorts: [] })],
    ['pod anti-affinity', 'InterPodAffinity', problem => change(problem, { podAntiAffinity: [] })],
    ['pod affinity', 'InterPodAffinity', problem => change(problem, { podAffinity: [] })],
    ['topology spread', 'PodTopologySpread', problem => change(problem, { topologySpread: [] })],
    ['minDomains', 'PodTopologySpread', problem => changeSpread(problem, { minDomains: 1 })],
    ['matchLabelKeys', 'PodTopologySpread', problem => changeSpread(problem, { matchLabelKeys: [] })],
    [
      'the policy for taints',
      'PodTopologySpread',
      problem => changeSpread(problem, { nodeTaintsPolicy: 'Honor' }),
    ],
    [
      'the policy for affinity',
      'PodTopologySpread',
      problem => changeSpread(problem, { nodeAffinityPolicy: 'Honor' }),
    ],
    ['taints', 'TaintToleration', problem => change(problem, { tolerations: [everything] })],
    ['node selectors', 'NodeAffinity', problem => change(problem, { nodeSelector: {} })],
    ['node affinity', 'NodeAffinity', problem => change(problem, { nodeAffinity: null })],
    ...['In', 'NotIn', 'Gt', 'Lt', 'Exists', 'DoesNotExist'].map(
      (operator): [string, string, (problem: PackingProblem) => PackingProblem] => [
        `the operator ${operator} of node affinity`,
        'NodeAffinity',
        problem => without(problem, operator),
      ],
    ),
    [
      'matchFields of node affinity',
      'NodeAffinity',
      problem => ({
        ...problem,
        pods: problem.pods.map(pod =>
          pod.rules.nodeAffinity?.some(({ matchFields }) => matchFields.length > 0)
            ? { ...pod, rules: { ...pod.rules, nodeAffinity: null } }
            : pod,
        ),
      }),
    ],
    [
      'the anti-affinity of pods that are there',
      'InterPodAffinity',
      problem => ({
        ...problem,
        pods: problem.pods.map(pod =>
          pod.count === 0 ? { ...pod, rules: { ...pod.rules, podAntiAffinity: [] } } : pod,
        ),
      }),
    ],
    ['other namespaces', 'InterPodAffinity', problem => changeTerms(problem, { namespaces: ['shop'] })],
    ['requests of CPU', 'NodeResourcesFit', problem => changeRequests(problem, { cpuMilli: 0 })],
    ['requests of memory', 'NodeResourcesFit', problem => changeRequests(problem, { memoryBytes: 0 })],
    ['extended resources', 'NodeResourcesFit', problem => changeRequests(problem, { extended: {} })],
    ['zones of volumes', 'VolumeZone', problem => change(problem, { volumeZones: null })],
    [
      'cordons',
      'NodeUnschedulable',
      problem => ({
        ...problem,
        existing: problem.existing.map(node => ({ ...node, unschedulable: false })),
      }),
    ],
    [
      'the number of pods on a node',
      'NodeResourcesFit',
      problem => ({ ...problem, offers: problem.offers.map(offer => ({ ...offer, podLimit: 100 })) }),
    ],
    ['DaemonSets', 'NodeResourcesFit', problem => ({ ...problem, daemonSets: [] })],
  ])('would be caught if it ignored %s', (_, plugin, broken) => {
    const caught = new Set<string>();
    for (let seed = 1; seed < 3_000 && !caught.has(plugin); seed++) {
      const problem = randomCluster(seed);
      const { first } = judge(problem, pack(broken(problem), 1));
      for (const name of first ?? []) caught.add(name);
    }
    expect([...caught]).toContain(plugin);
  });

  it('is the same for the same seed', () => {
    for (const seed of [10, 20, 30, 40])
      expect(pack(randomCluster(seed), seed)).toEqual(pack(randomCluster(seed), seed));
  });

  it('can be handed to a real scheduler as lists of Kubernetes objects', () => {
    const problem = randomCluster(3);
    const { nodes, pods } = kubernetesLists(kubernetesCase(problem, pack(problem, 3))) as {
      nodes: { items: { kind: string; status: { allocatable: Record<string, string> } }[] };
      pods: { items: { kind: string; spec: object }[] };
    };
    expect(nodes.items[0]?.status.allocatable.cpu).toMatch(/^\d+m$/);
    expect(pods.items.every(({ kind, spec }) => kind === 'Pod' && !('nodeName' in spec))).toBe(true);
  });
});

const anyOffer: PackingProblem['offers'][number] = {
  instanceType: 'any',
  zone: null,
  capacityType: null,
  labels: {},
  taints: [],
  allocatable: { cpuMilli: 0, memoryBytes: 0, extended: {} },
  podLimit: 0,
  priceMicroUsdPerHour: 1,
};

/** A pod of the class alone, meant for the first offer. */
function onNode(podClass: number): PackingAnswer {
  const nodes = [{ source: { kind: 'offer', offer: 0 } as const, name: 'x', count: 1, pods: [] }];
  return {
    costMicroUsdPerHour: 0,
    lowerBoundMicroUsdPerHour: 0,
    nodes,
    unplaced: [],
    bindings: [{ podClass, node: 0, count: 1 }],
    brokenPreferences: [],
  };
}
