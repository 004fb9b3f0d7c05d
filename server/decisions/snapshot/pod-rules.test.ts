import { describe, expect, it } from 'vitest';
import {
  type PodObject,
  podResources,
  projectPod,
  projectPodShape,
} from '../../../common/kubernetes/index.ts';
import { kubernetesCase, kubernetesLists } from '../packing/kubernetes-case.ts';
import { packProblem } from '../packing/pack-problem.ts';
import { randomCluster } from '../packing/random-cluster.fixture.ts';
import { namespaceFinder, podRules } from './pod-rules.ts';

const reach = { zones: null, pinnedBy: null };
const own = namespaceFinder([], []);
/** As `kubernetesCase` writes them. */
const namespaces = ['shop', 'other'].map(name => ({
  kind: 'Namespace' as const,
  name,
  uid: name,
  labels: { 'kubernetes.io/metadata.name': name },
}));

/** By the way of the agent: projected, as JSON, and read. */
function rulesOf(pod: PodObject, namespacesOf = own) {
  const shape = projectPodShape(pod, text => text);
  const sent = JSON.parse(JSON.stringify({ shape, inventory: projectPod(pod, shape.name) })) as {
    shape: typeof shape;
    inventory: NonNullable<ReturnType<typeof projectPod>>;
  };
  return podRules(sent.inventory, sent.shape, reach, namespacesOf);
}

describe('the rules of a pod', () => {
  it('come back as they were written out as Kubernetes objects, for thousands of random pods', () => {
    const options = { solve: undefined, seed: 1, shouldStop: () => false, patience: 0 };
    let pods = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const problem = randomCluster(seed);
      const { pods: list } = kubernetesLists(kubernetesCase(problem, packProblem(problem, options)));
      const known = new Set(
        problem.pods.map(({ requests, rules }) =>
          canonical({ requests, rules: { ...rules, volumeZones: null } }),
        ),
      );
      for (const pod of (list as { items: PodObject[] }).items) {
        const { cpu = 0, memory = 0, ...extended } = podResources(pod.spec ?? {});
        const read = {
          requests: { cpuMilli: cpu, memoryBytes: memory, extended },
          rules: rulesOf(pod, namespaceFinder(namespaces, [])),
        };
        expect(known, JSON.stringify(pod)).toContain(canonical(read));
        pods++;
      }
    }
    expect(pods).toBeGreaterThan(1_000);
  });

  it('have the defaults of the API written out', () => {
    const spec = {
      tolerations: [{ key: 'spot', value: 'yes' }, { operator: 'Exists' }],
      topologySpreadConstraints: [
        { maxSkew: 2, topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } },
      ],
      containers: [{ ports: [{ hostPort: 80 }, { containerPort: 81 } as never] }],
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] },
      },
    };
    const rules = rulesOf({ metadata: { namespace: 'shop' }, spec });
    expect(rules.tolerations).toEqual([
      { key: 'spot', operator: 'Equal', value: 'yes', effect: '' },
      { key: '', operator: 'Exists', value: '', effect: '' },
    ]);
    expect(rules.topologySpread).toMatchObject([
      {
        whenUnsatisfiable: 'DoNotSchedule',
        minDomains: 1,
        nodeAffinityPolicy: 'Honor',
        nodeTaintsPolicy: 'Ignore',
      },
    ]);
    expect(rules.hostPorts).toEqual([{ port: 80, hostIp: '0.0.0.0', protocol: 'TCP' }]);
    // An absent selector selects nothing, and not everything.
    expect(rules.podAntiAffinity[0]?.selector.matchExpressions).toHaveLength(1);
    expect(rules.podAntiAffinity[0]?.namespaces).toEqual(['shop']);
  });

  it('look into the namespaces that a selector finds, and into all where that is not known', () => {
    const term = { topologyKey: 'zone', namespaceSelector: { matchLabels: { team: 'a' } } };
    const named = [
      { kind: 'Namespace' as const, name: 'one', uid: '1', labels: { team: 'a' } },
      { kind: 'Namespace' as const, name: 'two', uid: '2', labels: { team: 'b' } },
    ];
    expect(namespaceFinder(named, ['one', 'two'])(term, 'own')).toEqual(['one']);
    expect(namespaceFinder([], ['one', 'two'])(term, 'own')).toEqual(['one', 'two']);
    expect(namespaceFinder(named, ['one', 'two'])({ ...term, namespaceSelector: {} }, 'own')).toEqual([
      'one',
      'two',
    ]);
  });
});

/** The same text for the same value: whatever the order of its keys, amounts in whole pieces, none for nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'number') return Math.ceil(item);
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    const entries = Object.entries(item).filter(([, each]) => each !== 0);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
