import { describe, expect, it } from 'vitest';
import { inventoryObject } from '../agent-protocol/index.ts';
import type { PodObject } from './kubernetes-objects.ts';
import { projectPodShape, projectTemplateShape } from './project-pod-shape.ts';
import { claimsOf, projectStorageClass, projectVolume } from './project-volume.ts';

const nameOf = (text: string) => text;
const required = <T>(term: T) => ({ requiredDuringSchedulingIgnoredDuringExecution: term });

function podOf(ownerKind: string, node: string, labels: Record<string, string> = {}): PodObject {
  return {
    metadata: {
      name: `pod-on-${node}`,
      namespace: 'shop',
      labels,
      annotations: { note: 'hidden' },
      ownerReferences: [{ kind: ownerKind, name: 'owner', controller: true }],
    },
    spec: {
      nodeName: node,
      containers: [
        {
          name: 'app',
          image: 'hidden',
          command: ['hidden'],
          env: [{ name: 'PASSWORD', value: 'hidden' }],
          resources: { requests: { cpu: '1', 'nvidia.com/gpu': '2' } },
        } as never,
      ],
      affinity: {
        nodeAffinity: required({
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
        }),
        podAntiAffinity: required([{ topologyKey: 'zone', labelSelector: {} }, { topologyKey: 'host' }]),
      },
    },
  };
}

describe('the shape of a pod', () => {
  it('is the same for pods that ask the same of nodes, whatever their names, labels, node and size', () => {
    const one = podOf('DaemonSet', 'a', { app: 'web' });
    const other = podOf('DaemonSet', 'b');
    expect(projectPodShape(one, nameOf)).toEqual(projectPodShape(other, nameOf));
    const bigger = { ...other, spec: { ...other.spec, containers: [{ name: 'app' }] } };
    expect(projectPodShape(bigger, nameOf).name).not.toBe(projectPodShape(other, nameOf).name);
  });

  it('keeps a rule about one node, except where the DaemonSet controller wrote it', () => {
    expect(projectPodShape(podOf('DaemonSet', 'a'), nameOf).nodeAffinity).toBeUndefined();
    expect(projectPodShape(podOf('ReplicaSet', 'a'), nameOf).nodeAffinity).toHaveLength(1);
    expect(projectTemplateShape(podOf('DaemonSet', 'a').spec ?? {}, nameOf).nodeAffinity).toHaveLength(1);
  });

  it('fits the protocol, tells an absent selector from an empty one, and carries nothing else away', () => {
    const shape = projectPodShape(podOf('ReplicaSet', 'a'), nameOf);
    const sent = JSON.parse(JSON.stringify(shape)) as unknown;
    expect(inventoryObject.parse(sent)).toEqual(sent);
    expect(sent).toMatchObject({
      extended: { 'nvidia.com/gpu': 2 },
      podAntiAffinity: [{ topologyKey: 'zone', labelSelector: {} }, { topologyKey: 'host' }],
    });
    expect(shape.podAntiAffinity?.[1]?.labelSelector).toBeUndefined();
    expect(JSON.stringify(sent)).not.toMatch(/hidden|PASSWORD/);
  });

  it('tells terms that match no node from no terms', () => {
    const affinity = (terms: object[]) => ({
      affinity: { nodeAffinity: required({ nodeSelectorTerms: terms }) },
    });
    expect(projectTemplateShape(affinity([]), nameOf).nodeAffinity).toEqual([]);
    expect(projectTemplateShape({}, nameOf).nodeAffinity).toBeUndefined();
  });
});

describe('volumes', () => {
  const term = (key: string, values: string[]) => ({ matchExpressions: [{ key, operator: 'In', values }] });
  const reach = (terms: object[]) => {
    const { zones, isTiedToNodes } = projectVolume({
      spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } },
    });
    return { zones, isTiedToNodes };
  };

  it('are reached from the zones that they name, from anywhere, or from what no new node stands for', () => {
    expect(reach([])).toEqual({ zones: null, isTiedToNodes: false });
    const zone = 'topology.ebs.csi.aws.com/zone';
    expect(reach([term(zone, ['a']), term(zone, ['b', 'a'])])).toEqual({
      zones: ['a', 'b'],
      isTiedToNodes: false,
    });
    expect(reach([term(zone, ['a']), term('kubernetes.io/hostname', ['n1'])])).toEqual({
      zones: null,
      isTiedToNodes: true,
    });
  });

  it('are claimed by name, or by the name of the pod for ephemeral ones; classes say where they can be', () => {
    const volumes = [
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
      { name: 'scratch', ephemeral: {} },
      { name: 'tmp', emptyDir: {} },
    ];
    expect(claimsOf({ metadata: { name: 'db-0' }, spec: { volumes } })).toEqual([
      'data-db-0',
      'db-0-scratch',
    ]);
    const allowed = [{ matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: ['a'] }] }];
    expect(projectStorageClass({ allowedTopologies: allowed })).toMatchObject({ zones: ['a'] });
    expect(projectStorageClass({})).toMatchObject({ zones: null, isTiedToNodes: false });
  });
});
