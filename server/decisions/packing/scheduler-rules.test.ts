import { describe, expect, it } from 'vitest';
import { type KubeNode, type KubePod, rejections } from './scheduler-rules.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';

function node(name: string, zone: string, change: Partial<KubeNode['spec']> = {}): KubeNode {
  return {
    metadata: { name, labels: { [HOST]: name, [ZONE]: zone, generation: '5' } },
    spec: change,
    status: { allocatable: { cpu: 1000, memory: 1000, pods: 3 } },
  };
}

function pod(
  name: string,
  nodeName: string,
  spec: Partial<KubePod['spec']> = {},
  labels = { app: 'web' },
): KubePod {
  return {
    metadata: { name, namespace: 'shop', labels },
    spec: { nodeName, containers: [{ resources: { requests: { cpu: 100, memory: 100 } } }], ...spec },
  };
}

const nodes = [node('a1', 'a'), node('a2', 'a'), node('b1', 'b')];
const [a1, , b1] = nodes as [KubeNode, KubeNode, KubeNode];
const web = { matchLabels: { app: 'web' } };

describe('the rules of kube-scheduler, as the Kubernetes documentation has them', () => {
  it('counts requests and pods of the node', () => {
    const big = pod('x', '', { containers: [{ resources: { requests: { cpu: 950 } } }] });
    expect(rejections(big, a1, nodes, [])).toEqual([]);
    expect(rejections(big, a1, nodes, [pod('p', 'a1')])).toEqual(['NodeResourcesFit']);
    const three = ['p', 'q', 'r'].map(name => pod(name, 'a1'));
    expect(rejections(pod('x', ''), a1, nodes, three)).toEqual(['NodeResourcesFit']);
    const gpu = pod('x', '', { containers: [{ resources: { requests: { 'nvidia.com/gpu': 1 } } }] });
    expect(rejections(gpu, a1, nodes, [])).toEqual(['NodeResourcesFit']);
  });

  it('keeps pods off taints that they do not tolerate, and off cordoned nodes', () => {
    const tainted = node('t', 'a', { taints: [{ key: 'dedicated', value: 'x', effect: 'NoExecute' }] });
    expect(rejections(pod('x', ''), tainted, [tainted], [])).toEqual(['TaintToleration']);
    const tolerant = pod('x', '', { tolerations: [{ key: 'dedicated', value: 'x' }] });
    expect(rejections(tolerant, tainted, [tainted], [])).toEqual([]);
    const other = pod('x', '', { tolerations: [{ key: 'dedicated', value: 'y' }] });
    expect(rejections(other, tainted, [tainted], [])).toEqual(['TaintToleration']);
    const cordoned = node('c', 'a', { unschedulable: true });
    expect(rejections(pod('x', ''), cordoned, [cordoned], [])).toEqual(['NodeUnschedulable']);
    const all = pod('x', '', { tolerations: [{ operator: 'Exists' }] });
    expect(rejections(all, cordoned, [cordoned], [])).toEqual([]);
  });

  it('ORs terms of node affinity, ANDs their expressions, and takes an empty term as never', () => {
    const wants = (...terms: { key: string; operator: string; values?: string[] }[][]) =>
      pod('x', '', {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: terms.map(matchExpressions => ({ matchExpressions })),
            },
          },
        },
      });
    const inB = { key: ZONE, operator: 'In', values: ['b'] };
    const young = { key: 'generation', operator: 'Gt', values: ['4'] };
    expect(rejections(wants([inB], [young]), a1, nodes, [])).toEqual([]);
    expect(rejections(wants([inB, young]), a1, nodes, [])).toEqual(['NodeAffinity']);
    expect(rejections(wants([]), a1, nodes, [])).toEqual(['NodeAffinity']);
    expect(rejections(wants([{ key: 'none', operator: 'NotIn', values: ['z'] }]), a1, nodes, [])).toEqual([]);
  });

  it('lets two pods share a host port on different addresses or protocols only', () => {
    const on = (hostIP: string, protocol = 'TCP') =>
      pod('x', 'a1', {
        containers: [{ resources: { requests: {} }, ports: [{ hostPort: 80, hostIP, protocol }] }],
      });
    expect(rejections(on('10.0.0.1'), a1, nodes, [on('10.0.0.2')])).toEqual([]);
    expect(rejections(on('10.0.0.1'), a1, nodes, [on('0.0.0.0')])).toEqual(['NodePorts']);
    expect(rejections(on('0.0.0.0', 'UDP'), a1, nodes, [on('0.0.0.0')])).toEqual([]);
  });

  it('spreads within the skew, counts an absent domain as nothing below minDomains, and obeys matchLabelKeys', () => {
    const spread = (change: object = {}) =>
      pod('x', '', {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: ZONE,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: web,
            ...change,
          },
        ],
      });
    expect(rejections(spread(), a1, nodes, [pod('p', 'a2')])).toEqual(['PodTopologySpread']);
    expect(rejections(spread(), b1, nodes, [pod('p', 'a2')])).toEqual([]);
    const both = [pod('p', 'a2'), pod('q', 'b1')];
    expect(rejections(spread(), a1, nodes, both)).toEqual([]);
    expect(rejections(spread({ minDomains: 3 }), a1, nodes, both)).toEqual(['PodTopologySpread']);
    expect(rejections(spread({ whenUnsatisfiable: 'ScheduleAnyway' }), a1, nodes, [pod('p', 'a2')])).toEqual(
      [],
    );
    const old = pod('p', 'a2', {}, { app: 'web', version: '1' } as { app: string });
    const young = spread({ matchLabelKeys: ['version'] });
    young.metadata.labels = { app: 'web', version: '2' };
    expect(rejections(young, a1, nodes, [old])).toEqual([]);
  });

  it('leaves tainted nodes out of the domains only when told to', () => {
    const tainted = node('c1', 'c', { taints: [{ key: 'x', effect: 'NoSchedule' }] });
    const constraint = {
      maxSkew: 1,
      topologyKey: ZONE,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: web,
    };
    const all = [...nodes, tainted];
    const both = [pod('p', 'a2'), pod('q', 'b1')];
    const asIs = pod('x', '', { topologySpreadConstraints: [constraint] });
    expect(rejections(asIs, a1, all, both)).toEqual(['PodTopologySpread']);
    const honor = pod('x', '', { topologySpreadConstraints: [{ ...constraint, nodeTaintsPolicy: 'Honor' }] });
    expect(rejections(honor, a1, all, both)).toEqual([]);
  });

  it('makes anti-affinity work both ways, and lets the first of a series with affinity to itself start anywhere', () => {
    const required = (topologyKey: string, labelSelector = web) => ({
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector }],
    });
    const loner = pod('x', 'a1', { affinity: { podAntiAffinity: required(ZONE) } }, { app: 'loner' });
    expect(rejections(pod('p', ''), a1, nodes, [loner])).toEqual(['InterPodAffinity']);
    expect(rejections(pod('p', ''), b1, nodes, [loner])).toEqual([]);
    expect(rejections(loner, a1, nodes, [pod('p', 'a2')])).toEqual(['InterPodAffinity']);
    const friend = pod('x', '', { affinity: { podAffinity: required(ZONE) } });
    expect(rejections(friend, a1, nodes, [])).toEqual([]);
    expect(rejections(friend, b1, nodes, [pod('p', 'a2')])).toEqual(['InterPodAffinity']);
    const stranger = pod('x', '', { affinity: { podAffinity: required(ZONE) } }, { app: 'other' });
    expect(rejections(stranger, a1, nodes, [])).toEqual(['InterPodAffinity']);
  });

  it('keeps a pod in the zones of its volumes', () => {
    const bound = { ...pod('x', ''), volumeZones: [['b']] };
    expect(rejections(bound, a1, nodes, [])).toEqual(['VolumeZone']);
    expect(rejections(bound, b1, nodes, [])).toEqual([]);
  });
});
