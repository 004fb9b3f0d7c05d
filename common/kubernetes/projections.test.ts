import { describe, expect, it } from 'vitest';
import { inventoryObject } from '../agent-protocol/index.ts';
import type { ContainerSpec, PodObject } from './kubernetes-objects.ts';
import { podRequests } from './pod-requests.ts';
import { projectHorizontalAutoscaler, projectVerticalAutoscaler } from './project-autoscaler.ts';
import { projectBudget } from './project-budget.ts';
import { projectNode } from './project-node.ts';
import { projectPod } from './project-pod.ts';
import { projectWorkload } from './project-workload.ts';
import { statedHeap } from './stated-heap.ts';

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
    const projected = projectPod(
      {
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
      },
      'any',
    );
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
    expect(projectPod(pod({ status: { phase: 'Succeeded' } }), 'any')).toBeUndefined();
    expect(projectPod(pod({ status: { phase: 'Failed' } }), 'any')).toBeUndefined();
    const leaving = { ...pod(), metadata: { ...metadata, deletionTimestamp: '2026-11-01T00:00:00Z' } };
    expect(projectPod(leaving, 'any')?.terminating).toBe(true);
  });

  it('tells mirror pods, local storage, affinity and pods that ask not to be disrupted', () => {
    const facts = (one: PodObject) => {
      const projected = projectPod(one, 'any');
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

describe('containers', () => {
  it('are told with sidecars, what they state, their start and their last kill for want of memory', () => {
    const projected = projectPod(
      pod({
        spec: {
          containers: [{ name: 'app', resources: { requests: { cpu: '250m' }, limits: { memory: '1Gi' } } }],
          initContainers: [
            { name: 'migrate' },
            { name: 'proxy', restartPolicy: 'Always', resources: { requests: { memory: '64Mi' } } },
          ],
        },
        status: {
          phase: 'Running',
          containerStatuses: [
            {
              name: 'app',
              state: { running: { startedAt: '2026-11-01T00:00:02Z' } },
              lastState: { terminated: { reason: 'OOMKilled', finishedAt: '2026-11-01T00:00:01Z' } },
            },
          ],
          initContainerStatuses: [
            {
              name: 'proxy',
              lastState: { terminated: { reason: 'Error', finishedAt: '2026-11-01T00:00:01Z' } },
            },
          ],
        },
      }),
      'any',
    );
    expect(inventoryObject.parse(projected)).toEqual(projected);
    expect(projected?.containers).toEqual([
      {
        name: 'app',
        requests: { cpuMilli: 250 },
        limits: { memoryBytes: 2 ** 30 },
        startedAt: 1793491202000,
        oomKilledAt: 1793491201000,
      },
      { name: 'proxy', requests: { memoryBytes: 64 * 2 ** 20 }, limits: {} },
    ]);
  });

  it.each([
    [
      { command: ['java', '-Xms1g', '-Xmx768m', '-jar', 'app.jar'] },
      { runtime: 'jvm', maxBytes: 768 * 2 ** 20 },
    ],
    [{ command: ['sh', '-c', 'exec java -Xmx2G -jar app.jar'] }, { runtime: 'jvm', maxBytes: 2 * 2 ** 30 }],
    // The later option wins, and _JAVA_OPTIONS over the command line.
    [{ args: ['-Xmx1g', '-Xmx2g'] }, { runtime: 'jvm', maxBytes: 2 * 2 ** 30 }],
    [
      { args: ['-Xmx1g'], env: [{ name: '_JAVA_OPTIONS', value: '-Xmx3g' }] },
      { runtime: 'jvm', maxBytes: 3 * 2 ** 30 },
    ],
    [
      { env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-XX:MaxRAMPercentage=75.0' }] },
      { runtime: 'jvm', shareOfLimit: 0.75 },
    ],
    [{ env: [{ name: 'JAVA_TOOL_OPTIONS' }] }, { runtime: 'jvm' }],
    [{ command: ['/usr/bin/java', '-jar', 'app.jar'] }, { runtime: 'jvm' }],
    [{ env: [{ name: 'GOMEMLIMIT', value: '512MiB' }] }, { runtime: 'go', maxBytes: 512 * 2 ** 20 }],
    [{ env: [{ name: 'GOMEMLIMIT', value: 'off' }] }, undefined],
    [{ env: [{ name: 'GOMEMLIMIT' }] }, { runtime: 'go' }],
    [
      { env: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=1536' }] },
      { runtime: 'node', maxBytes: 1536 * 2 ** 20 },
    ],
    [{ command: ['node', 'server.js'] }, undefined],
    [{ command: ['nginx'] }, undefined],
  ])('state a heap: %j', (spec, heap) => {
    expect(statedHeap(spec as ContainerSpec, undefined)).toEqual(heap);
  });

  it('take the declared heap where the runtime states none', () => {
    expect(statedHeap({ command: ['java'] }, '768Mi')).toEqual({ runtime: 'jvm', maxBytes: 768 * 2 ** 20 });
    expect(statedHeap({ command: ['erl'] }, '1Gi')).toEqual({ runtime: 'declared', maxBytes: 2 ** 30 });
    expect(statedHeap({ command: ['erl'] }, 'plenty')).toBeUndefined();
  });
});

describe('autoscalers', () => {
  it('tell the metrics that depend on requests, and how many others there are', () => {
    const scaleTargetRef = { kind: 'Deployment', name: 'web' };
    const target = { type: 'Utilization', averageUtilization: 60 };
    const projected = projectHorizontalAutoscaler({
      metadata,
      spec: {
        scaleTargetRef,
        maxReplicas: 9,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target } },
          { type: 'ContainerResource', containerResource: { name: 'memory', container: 'app', target } },
          { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue' } } },
          { type: 'External' },
        ],
      },
    });
    expect(inventoryObject.parse(projected)).toEqual(projected);
    expect(projected).toMatchObject({
      targetKind: 'Deployment',
      targetName: 'web',
      minReplicas: 1,
      maxReplicas: 9,
      metrics: 4,
      utilization: [
        { resource: 'cpu', percent: 60 },
        { resource: 'memory', container: 'app', percent: 60 },
      ],
    });
    expect(projectHorizontalAutoscaler({ metadata, spec: { scaleTargetRef } }).utilization).toEqual([
      { resource: 'cpu', percent: 80 },
    ]);
  });

  it('tell whether requests are changed already', () => {
    const spec = { targetRef: { kind: 'Deployment', name: 'web' } };
    expect(projectVerticalAutoscaler({ metadata, spec }).updateMode).toBe('Auto');
    const off = projectVerticalAutoscaler({
      metadata,
      spec: { ...spec, updatePolicy: { updateMode: 'Off' } },
    });
    expect(inventoryObject.parse(off)).toEqual(off);
    expect(off.updateMode).toBe('Off');
  });
});
