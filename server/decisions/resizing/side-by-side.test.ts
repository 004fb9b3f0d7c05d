import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InventoryPod, InventoryWorkload } from '../../../common/agent-protocol/index.ts';
import type { Plan } from '../../../common/contracts/index.ts';
import { ann, DecisionRoom, until } from '../decision-room.fixture.ts';
import { PlanStore } from '../plan-store.ts';
import { budgetOf } from '../small-cluster.fixture.ts';
import { sizedPod, webProposal } from './sizing-proposal.fixture.ts';

const MINUTE = 60_000;
const WATCH_MS = 10 * MINUTE;
let room: DecisionRoom;
beforeEach(async () => {
  room = await DecisionRoom.open();
});
afterEach(() => room.close());

/** Deployments of namespace shop with two pods each, and a proposal of rightsizing for every one; all approved. */
async function approved(names: readonly string[], budgets: readonly string[][] = []): Promise<Plan[]> {
  const status = { namespace: 'shop', replicas: 2, readyReplicas: 2 };
  const workloads = names.flatMap((name): InventoryWorkload[] => [
    { kind: 'Deployment', name, uid: `d-${name}`, ownerKind: null, ownerName: null, ...status },
    {
      kind: 'ReplicaSet',
      name: `${name}-1`,
      uid: `r-${name}`,
      ownerKind: 'Deployment',
      ownerName: name,
      ...status,
    },
  ]);
  const pods = names.flatMap((name): InventoryPod[] =>
    ['a', 'b'].map(on =>
      sizedPod(on, `${name}-${on}`, { ownerName: `${name}-1`, labels: { app: name, group: groupOf(name) } }),
    ),
  );
  const groupBudgets = budgets.map((_, index) => budgetOf(`group-${index}`, { group: `${index}` }, 1));
  function groupOf(name: string): string {
    return String(budgets.findIndex(group => group.includes(name)));
  }
  const { inventory } = room.cluster.observed;
  room.cluster.observed = {
    ...room.cluster.observed,
    inventory: { ...inventory, workloads, pods, budgets: groupBudgets },
  };
  room.sizes = names.map(name =>
    webProposal({
      workload: { key: `Deployment/shop/${name}`, kind: 'Deployment', namespace: 'shop', name },
    }),
  );
  await room.decisions.trigger('c1', ann, 'rightsizing');
  const plans = (await room.decisions.plans()).filter(({ state }) => state === 'proposed');
  for (const { id } of plans) await room.decisions.approve(id, ann);
  return plans;
}

const inStates = async (...states: Plan['state'][]) =>
  (await room.decisions.plans()).filter(({ state }) => states.includes(state));
const nameOf = ({ resize }: Plan) => resize?.workload.name ?? '';
/** Does what the agent is asked for until it is so. */
const workUntil = <T>(look: () => Promise<T | undefined | false>) =>
  until(async () => {
    if (room.cluster.waiting) room.cluster.work();
    return look();
  });
/** Until so many resizes run, and each watches pods since this moment. */
const watching = (count: number) =>
  workUntil(async () => {
    const running = await inStates('running');
    const since = running.flatMap(({ steps }) => steps.find(isWatch)?.startedAt ?? []);
    return running.length === count && since.filter(at => at === room.nowMs).length === count;
  });
const isWatch = ({ kind, state }: Plan['steps'][number]) => kind === 'watch' && state === 'running';
const ended = (state: Plan['state'], count: number) =>
  workUntil(async () => (await inStates(state)).length === count);
async function pass(ms: number): Promise<void> {
  room.nowMs += ms;
  await room.decisions.start();
}
const names = (count: number) => Array.from({ length: count }, (_, index) => `web-${index}`);

describe('resizes of independent workloads', () => {
  it('run side by side up to the number of the policy, so that thirty take two hours and not ten', async () => {
    await approved(names(30));
    await watching(5);
    const [waiting] = await inStates('approved');
    expect(waiting?.steps[0]?.detail).toBe(
      'Waits: 5 resizes are under way, and the policy lets no more run at once.',
    );
    for (let minutes = 10; minutes < 120; minutes += 10) {
      await pass(WATCH_MS);
      await watching(5);
    }
    await pass(WATCH_MS);
    await ended('succeeded', 30);
  });

  it('do not where one PodDisruptionBudget covers both', async () => {
    await approved(['web', 'api', 'other'], [['web', 'api']]);
    await watching(2);
    const running = (await inStates('running')).map(nameOf);
    expect(running).toHaveLength(2);
    expect(running).toContain('other');
    const [waiting] = await inStates('approved');
    expect(waiting?.steps[0]?.detail).toMatch(
      /^Waits: the resize of Deployment shop\/(web|api) is under way, and PodDisruptionBudget shop\/group-0 covers both\.$/,
    );
  });

  it('are taken back one by one: the others go on', async () => {
    const plans = await approved(names(3));
    await watching(3);
    await kill(plans[0]);
    await pass(MINUTE);
    await ended('failed', 1);
    expect((await inStates('failed')).map(({ id }) => id)).toEqual([plans[0]?.id]);
    await pass(WATCH_MS);
    await watching(2);
    await pass(WATCH_MS);
    await ended('succeeded', 2);
    const asks = (name: string) =>
      room.cluster.observed.inventory.pods
        .filter(pod => pod.ownerName === `${name}-1`)
        .map(pod => pod.containers?.[0]?.requests.cpuMilli);
    expect(asks(nameOf(plans[0] as Plan))).toEqual([500, 500]);
    expect(asks(nameOf(plans[1] as Plan))).toEqual([200, 200]);
  });

  it('go no further, and none begins, once three have failed within ten minutes', async () => {
    await approved(names(8));
    await watching(5);
    const running = await inStates('running');
    for (const plan of running.slice(0, 3)) await kill(plan);
    await pass(MINUTE);
    await ended('failed', 3);
    expect((await new PlanStore(room.database).breaker('c1')).pausedAt).not.toBeNull();
    // None to two took the places of those that failed before the third.
    await workUntil(async () => (await inStates('running')).every(({ steps }) => steps.some(isWatch)));
    const begun = room.cluster.tasks.length;
    await pass(WATCH_MS);
    await until(async () => {
      const details = (await inStates('running')).map(({ steps }) => steps[3]?.detail ?? '');
      return details.length >= 2 && details.every(text => text.startsWith('Waits: 3 plans'));
    });
    expect((await inStates('approved')).length + (await inStates('running')).length).toBe(5);
    expect((await inStates('approved')).length).toBeGreaterThan(0);
    expect(room.cluster.tasks.length).toBe(begun);
  });

  it('all end by the kill switch, with the old sizes', async () => {
    await approved(names(6));
    await watching(5);
    await room.decisions.policies.setKillSwitch('c1', true, 'storm', ann);
    await room.decisions.start();
    await ended('stopped', 6);
    const asks = room.cluster.observed.inventory.pods.map(pod => pod.containers?.[0]?.requests.cpuMilli);
    expect(new Set(asks)).toEqual(new Set([500]));
  });

  it('end before a plan about nodes begins, and what was approved after it waits, too', async () => {
    await approved(['web']);
    await watching(1);
    await room.decisions.trigger('c1', ann, 'spot');
    const [nodes] = await inStates('proposed');
    await room.decisions.approve(nodes?.id ?? '', ann);
    await room.decisions.start();
    expect((await inStates('running')).map(({ kind }) => kind)).toEqual(['resize']);
    await pass(WATCH_MS);
    await watching(1);
    await pass(WATCH_MS);
    await workUntil(async () => (await room.decisions.get(nodes?.id ?? '')).state !== 'approved');
  });
});

/** The first pod of a resize is killed for want of memory. */
async function kill(plan: Plan | undefined): Promise<void> {
  const { steps } = await room.decisions.get(plan?.id ?? '');
  const uid = steps.find(({ kind }) => kind === 'resize-pod')?.pod?.uid;
  room.cluster.changePods(pods =>
    pods.map(pod =>
      pod.uid === uid
        ? {
            ...pod,
            ready: false,
            containers: pod.containers?.map(one => ({ ...one, oomKilledAt: room.nowMs })) ?? [],
          }
        : pod,
    ),
  );
}
