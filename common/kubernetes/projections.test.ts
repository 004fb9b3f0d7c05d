import { describe, expect, it } from 'vitest';
import { inventoryObject } from '../agent-protocol/index.ts';
import type { ContainerSpec, PodObject } from './kubernetes-objects.ts';
import { podRequests } from './pod-requests.ts';
import { projectBudget } from './project-budget.ts';
import { projectNode } from './project-node.ts';
import { projectPod } from './project-pod.ts';
import { projectWorkload } from './project-workload.ts';

function container(cpu: string, memory: string, restartPolicy?: string): ContainerSpec {
  return { resources: { requests: { cpu, memory } }, ...(restartPolicy ? { restartPolicy } : {}) };
}

const metadata = { name: 'web-1', namespace: 'shop', uid: 'u1', creationTimestamp: '2026-11-01T00:00:00Z' };

function pod(more: Omit<PodObject, 'metadata'> & { annotations?: Record<string, string> } = {}): PodObject {
  const { annotations, ...rest } = more;
  return {
    status: { phase: 'Running' },
    ...rest,
    metadata: { ...metadata, ...(annotations ? { annotations } : {}) },
  };
}

describe('requests as the scheduler counts them', () => {
  it('takes the containers together, or the largest init container if that is more', () => {
    const containers = [container('250m', '1Gi'), container('0.5', '512Mi')];
    expect(podRequests({ containers })).toEqual({ cpuMilli: 750, memoryBytes: 1536 * 2 ** 20 });
    const initContainers = [container('2', '64Mi'), container('100m', '2Gi')];
    expect(podRequests({ containers, initContainers })).toEqual({ cpuMilli: 2000, memoryBytes: 2 ** 31 });
  });

  // Source: KEP-753, "Resources calculation for scheduling and pod admission".
  it('adds sidecars to the containers and to every init container after them', () => {
    const sidecar = container('300m', '100Mi', 'Always');
    const containers = [container('100m', '100Mi')];
    expect(podRequests({ containers, initContainers: [container('350m', '1Mi'), sidecar] }).cpuMilli).toBe(
      400,
    );
    expect(podRequests({ containers, initContainers: [sidecar, container('350m', '1Mi')] }).cpuMilli).toBe(
      650,
    );
  });

  it('prefers requests of the whole pod and adds the overhead of its runtime class', () => {
    const spec = {
      containers: [container('1', '1Gi')],
      resources: { requests: { cpu: '500m' } },
      overhead: { cpu: '50m', memory: '10Mi' },
    };
    expect(podRequests(spec)).toEqual({ cpuMilli: 550, memoryBytes: 2 ** 30 + 10 * 2 ** 20 });
  });
});

describe('what leaves the cluster', () => {
  it('is exactly the shape of the protocol, without environment, commands or annotations', () => {
    const projected = projectPod({
      metadata: {
        ...metadata,
        labels: { app: 'web' },
        annotations: { secret: 'annotation' },
        ownerReferences: [
          { kind: 'Other', name: 'x' },
          { kind: 'ReplicaSet', name: 'web', controller: true },
        ],
      },
      spec: {
        nodeName: 'n1',
        containers: [
          {
            ...container('1', '1Gi'),
            env: [{ name: 'PASSWORD', value: 'hidden' }],
            command: ['hidden'],
          } as never,
        ],
        tolerations: [{ key: 'spot', operator: 'Exists', tolerationSeconds: 3 } as never],
      },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    expect(inventoryObject.parse(projected)).toEqual(projected);
    expect(projected).toMatchObject({
      ownerKind: 'ReplicaSet',
      ready: true,
      nodeName: 'n1',
      createdAt: 1793491200000,
    });
    expect(JSON.stringify(projected)).not.toMatch(/hidden|annotation"/);
  });

  it('leaves finished pods out and keeps terminating ones marked', () => {
    expect(projectPod(pod({ status: { phase: 'Succeeded' } }))).toBeUndefined();
    expect(projectPod(pod({ status: { phase: 'Failed' } }))).toBeUndefined();
    const leaving = { ...pod(), metadata: { ...metadata, deletionTimestamp: '2026-11-01T00:00:00Z' } };
    expect(projectPod(leaving)?.terminating).toBe(true);
  });

  it('tells mirror pods, local storage, affinity and pods that ask not to be disrupted', () => {
    const facts = (one: PodObject) => {
      const projected = projectPod(one);
      return [
        projected?.isMirror,
        projected?.hasLocalStorage,
        projected?.hasAffinity,
        projected?.doNotDisrupt,
      ];
    };
    expect(facts(pod())).toEqual([false, false, false, false]);
    expect(facts(pod({ annotations: { 'kubernetes.io/config.mirror': 'abc' } }))[0]).toBe(true);
    expect(facts(pod({ spec: { volumes: [{ emptyDir: {} }] } }))[1]).toBe(true);
    expect(facts(pod({ spec: { volumes: [{ hostPath: { path: '/' } } as never] } }))[1]).toBe(false);
    expect(facts(pod({ spec: { affinity: { podAntiAffinity: {} } } }))[2]).toBe(true);
    expect(
      facts(pod({ spec: { topologySpreadConstraints: [{ whenUnsatisfiable: 'DoNotSchedule' }] } }))[2],
    ).toBe(true);
    expect(
      facts(pod({ spec: { topologySpreadConstraints: [{ whenUnsatisfiable: 'ScheduleAnyway' }] } }))[2],
    ).toBe(false);
    expect(facts(pod({ annotations: { 'karpenter.sh/do-not-disrupt': 'true' } }))[3]).toBe(true);
    expect(
      facts(pod({ annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } }))[3],
    ).toBe(true);
    expect(facts(pod({ annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' } }))[3]).toBe(
      false,
    );
  });

  it('reads nodes, budgets and workloads, also half-empty ones', () => {
    const node = projectNode({
      metadata: { name: 'n1', uid: 'u' },
      spec: { providerID: 'aws:///a/i-1', taints: [{ key: 'spot', effect: 'NoSchedule' }] },
      status: {
        allocatable: { cpu: '3920m', memory: '7Gi', pods: '58' },
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    });
    expect(node.allocatable).toEqual({ cpuMilli: 3920, memoryBytes: 7 * 2 ** 30, pods: 58 });
    const budget = projectBudget({ metadata, spec: { minAvailable: 2, maxUnavailable: '25%' } });
    expect([budget.minAvailable, budget.maxUnavailable, budget.disruptionsAllowed]).toEqual(['2', '25%', 0]);
    const daemons = projectWorkload('DaemonSet', {
      metadata,
      status: { desiredNumberScheduled: 3, numberReady: 2 },
    });
    expect([daemons.replicas, daemons.readyReplicas]).toEqual([3, 2]);
    const all = [
      node,
      budget,
      daemons,
      projectNode({}),
      projectBudget({}),
      projectWorkload('ReplicaSet', {}),
    ];
    for (const one of all) expect(inventoryObject.parse(one)).toEqual(one);
  });
});
