import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentTask, ContainerChange, TaskAction } from '../../common/agent-protocol/index.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';

/** What an agent does and refuses when it is to change sizes. */
let world: AgentWorld;
let epoch = 0;

beforeAll(async () => {
  world = await startAgentWorld();
  world.start(['--join', 'token']);
  await world.server.until(
    () => world.server.messages.find(({ body }) => body.kind === 'inventory.snapshot'),
    'A snapshot',
  );
}, 60_000);
afterAll(() => world?.close());

const GIB = 2 ** 30;
/** As the shop's web asks now, and less CPU and more memory. */
const web: ContainerChange = {
  name: 'web',
  now: { cpuRequestMilli: 900, memoryRequestBytes: GIB, cpuLimitMilli: null, memoryLimitBytes: GIB },
  after: {
    cpuRequestMilli: 300,
    memoryRequestBytes: 1.5 * GIB,
    cpuLimitMilli: 600,
    memoryLimitBytes: 2 * GIB,
  },
};

async function carryOut(action: TaskAction, more: Partial<AgentTask> = {}) {
  epoch++;
  const taskId = `task-${epoch}`;
  world.server.offer({ taskId, epoch, deadlineAt: Date.now() + 30_000, dryRun: false, action, ...more });
  return world.server.end(taskId);
}

function podOf(name: string) {
  const pod = world.cluster.store.list('pods').find(({ metadata }) => metadata.name.startsWith(`${name}-`));
  if (!pod) throw new Error(`no pod of ${name}`);
  const { namespace = '', uid } = pod.metadata;
  return {
    ref: { namespace, name: pod.metadata.name, uid },
    resources: pod.spec.containers[0]?.resources,
    pod,
  };
}

function webWorkload() {
  const found = world.cluster.store.get('deployments', 'shop', 'web');
  const ref = { kind: 'Deployment' as const, namespace: 'shop', name: 'web', uid: found?.metadata.uid ?? '' };
  return { ref, resources: found?.spec.template.spec.containers[0]?.resources };
}

describe('resizing a pod', () => {
  it('changes nothing in a dry run, then happens in place, and once however often it is ordered', async () => {
    const { ref, resources } = podOf('web');
    const action = { kind: 'resize-pod' as const, pod: ref, containers: [web] };
    expect(await carryOut(action, { dryRun: true })).toMatchObject({
      state: 'done',
      detail: expect.stringMatching(/would be resized/),
    });
    expect(podOf('web').resources).toEqual(resources);
    expect(await carryOut(action)).toMatchObject({
      state: 'done',
      detail: expect.stringMatching(/without a restart/),
    });
    const after = podOf('web');
    expect(after.resources).toEqual({
      requests: { cpu: '300m', memory: '1536Mi' },
      limits: { cpu: '600m', memory: '2048Mi' },
    });
    expect(after.pod.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      resources: after.resources,
    });
    const { generation } = after.pod.metadata;
    expect(await carryOut(action)).toMatchObject({ state: 'done' });
    expect(podOf('web').pod.metadata.generation).toBe(generation);
    // A limit that was not there before goes again.
    const back = { ...action, containers: [{ name: 'web', now: web.after, after: web.now }] };
    expect(await carryOut(back)).toMatchObject({ state: 'done' });
    expect(podOf('web').resources).toEqual({
      requests: { cpu: '900m', memory: '1024Mi' },
      limits: { memory: '1024Mi' },
    });
  });

  it('fails with the word of the node when it can never hold that, and is refused when the pod is not as it was', async () => {
    const { ref } = podOf('gateway');
    const now = {
      cpuRequestMilli: 600,
      memoryRequestBytes: GIB / 2,
      cpuLimitMilli: null,
      memoryLimitBytes: GIB / 2,
    };
    const huge = { name: 'gateway', now, after: { ...now, cpuRequestMilli: 500_000 } };
    const failed = await carryOut({ kind: 'resize-pod', pod: ref, containers: [huge] });
    expect(failed.state).toBe('failed');
    expect(failed.detail).toMatch(/The node cannot resize pod payments\/gateway-.*Infeasible/);
    const other = { ...web, name: 'checkout' };
    const refused = await carryOut({ kind: 'resize-pod', pod: podOf('checkout').ref, containers: [other] });
    expect(refused.state).toBe('refused');
    expect(refused.detail).toMatch(/Container checkout asks for CPU 700 m .*not for CPU 900 m/);
    const gone = { ...podOf('checkout').ref, uid: 'another' };
    expect(await carryOut({ kind: 'resize-pod', pod: gone, containers: [other] })).toMatchObject({
      state: 'refused',
    });
  });
});

describe('resizing a workload', () => {
  it('is refused where a tool keeps it in Git, a rollout is paused, or it is another one', async () => {
    const { ref, resources } = webWorkload();
    const action = { kind: 'resize-workload' as const, workload: ref, containers: [web] };
    const mark = (labels: Record<string, string>, paused?: boolean) =>
      world.cluster.store.update('deployments', 'shop', 'web', one => ({
        ...one,
        metadata: { ...one.metadata, labels },
        spec: { ...one.spec, ...(paused === undefined ? {} : { paused }) },
      }));
    mark({ 'argocd.argoproj.io/instance': 'shop' });
    expect(await carryOut(action)).toMatchObject({
      state: 'refused',
      detail: expect.stringMatching(/kept by Argo CD.*in Git/),
    });
    mark({}, true);
    expect(await carryOut(action)).toMatchObject({
      state: 'refused',
      detail: expect.stringMatching(/is paused/),
    });
    mark({}, false);
    const another = { ...action, workload: { ...ref, uid: 'another' } };
    expect(await carryOut(another)).toMatchObject({
      state: 'refused',
      detail: expect.stringMatching(/replaced by another/),
    });
    expect(webWorkload().resources).toEqual(resources);
  });

  it('changes the template once, and its pods follow', async () => {
    const { ref } = webWorkload();
    const action = { kind: 'resize-workload' as const, workload: ref, containers: [web] };
    expect(await carryOut(action, { dryRun: true })).toMatchObject({
      state: 'done',
      detail: expect.stringMatching(/would be/),
    });
    expect(await carryOut(action)).toMatchObject({ state: 'done' });
    expect(webWorkload().resources?.requests).toEqual({ cpu: '300m', memory: '1536Mi' });
    const { generation } = world.cluster.store.get('deployments', 'shop', 'web')?.metadata ?? {};
    expect(await carryOut(action)).toMatchObject({ state: 'done' });
    expect(world.cluster.store.get('deployments', 'shop', 'web')?.metadata.generation).toBe(generation);
    await world.server.until(
      () => (podOf('web').resources?.requests?.cpu === '300m' ? true : undefined),
      'A pod with the new sizes',
    );
  });
});
