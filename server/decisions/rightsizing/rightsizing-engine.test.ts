import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../../common/units/index.ts';
import type { UsageProfile } from '../../clusters/index.ts';
import { decideSizes } from './rightsizing-engine.ts';
import {
  autoscalerOf,
  containerOf,
  GIB,
  MIB,
  NOW,
  sizingState,
  usageOf,
  workloadOf,
} from './sizing.fixture.ts';
import { defaultSizingPolicy as policy } from './sizing-policy.ts';
import type { ContainerToSize, WorkloadToSize } from './sizing-state.ts';

const decide = (...workloads: WorkloadToSize[]) => decideSizes(sizingState(workloads), policy);
const size = (change: Partial<ContainerToSize> = {}, workload: Partial<WorkloadToSize> = {}) =>
  decide(workloadOf([containerOf(change)], workload));
const codes = (answer: ReturnType<typeof decide>) =>
  [...answer.proposals, ...answer.left].flatMap(({ reasons }) => reasons.map(({ code }) => code));

describe('CPU', () => {
  it('is the percentile with the error of the sketch and the headroom on top', () => {
    // 300 / 0.99 × 1.15 = 348.5
    expect(size().proposals[0]?.recommended).toMatchObject({ cpuRequestMilli: 349, cpuLimitMilli: null });
  });

  it('follows growth of the last days', () => {
    const usage = usageOf(300, 700 * MIB);
    const grown = { ...usage, cpuMilli: usage.cpuMilli && { ...usage.cpuMilli, recent: 600 } };
    const answer = size({ usage: grown });
    expect(answer.proposals[0]?.recommended.cpuRequestMilli).toBe(697);
    expect(codes(answer)).toContain('cpu-growth');
  });

  it('covers the largest use where the limit equals the request, and keeps both equal', () => {
    const usage = usageOf(300, 700 * MIB);
    const spiky = { ...usage, cpuMilli: usage.cpuMilli && { ...usage.cpuMilli, max: 800 } };
    const answer = size({ usage: spiky, limits: { cpuMilli: 1000 } });
    expect(answer.proposals[0]?.recommended).toMatchObject({ cpuRequestMilli: 800, cpuLimitMilli: 800 });
  });

  it('shows that a floor was reached', () => {
    const answer = size({ usage: usageOf(2, 700 * MIB) });
    expect(answer.proposals[0]?.recommended.cpuRequestMilli).toBe(10);
    expect(codes(answer)).toContain('cpu-floor');
  });

  it('raises a limit that cuts off what is used, and lowers none', () => {
    const requests = { cpuMilli: 500, memoryBytes: 2 * GIB };
    const near = size({ requests, usage: usageOf(790, 700 * MIB), limits: { cpuMilli: 800 } });
    expect(near.proposals[0]?.recommended.cpuLimitMilli).toBe(918);
    const far = size({ limits: { cpuMilli: 4000, memoryBytes: 8 * GIB } });
    expect(far.proposals[0]?.recommended).toMatchObject({ cpuLimitMilli: 4000, memoryLimitBytes: 8 * GIB });
  });
});

describe('memory', () => {
  it('is the most that was used with headroom, in whole MiB', () => {
    // 700 / 0.99 × 1.15 = 813.1
    expect(size().proposals[0]?.recommended.memoryRequestBytes).toBe(814 * MIB);
  });

  it('is never below what starting takes', () => {
    const answer = size({ usage: usageOf(300, 700 * MIB, { startUp: { cpuMilli: 900, memoryBytes: GIB } }) });
    expect(answer.proposals[0]?.recommended.memoryRequestBytes).toBe(1178 * MIB);
    expect(codes(answer)).toContain('memory-start-up');
  });

  it('rises above the limit at which it was killed, request and limit', () => {
    const kill = { workload: 'Deployment/shop/web', container: 'app', podUid: 'p', at: NOW - 1000 };
    const answer = size({
      requests: { cpuMilli: 350, memoryBytes: 256 * MIB },
      limits: { memoryBytes: GIB },
      kills: [{ ...kill, memoryBytes: GIB }],
    });
    // The larger of 20 % and 100 MiB more.
    const needed = Math.ceil((GIB * 1.2) / MIB) * MIB;
    expect(answer.proposals[0]?.recommended).toMatchObject({
      memoryRequestBytes: needed,
      memoryLimitBytes: needed,
    });
    expect(answer.proposals[0]?.used.oomKills).toBe(1);
    expect(codes(answer)).toEqual(expect.arrayContaining(['memory-oom', 'memory-limit']));
  });

  it('takes the most that was seen for a kill without a limit', () => {
    const kill = { workload: 'w', container: 'app', podUid: 'p', at: NOW, memoryBytes: null };
    expect(size({ kills: [kill] }).proposals[0]?.recommended.memoryRequestBytes).toBe(840 * MIB);
  });

  it('leaves room for a whole heap, and says nothing where the heap is unknown', () => {
    const stated = size({ heap: { runtime: 'jvm', maxBytes: GIB } });
    expect(stated.proposals[0]?.recommended.memoryRequestBytes).toBe(1.25 * GIB);
    const shared = size({ heap: { runtime: 'jvm', shareOfLimit: 0.5 }, limits: { memoryBytes: 2 * GIB } });
    expect(shared.proposals[0]?.recommended).toMatchObject({
      memoryRequestBytes: 1.25 * GIB,
      memoryLimitBytes: 2 * GIB,
    });
    for (const heap of [{ runtime: 'jvm' }, { runtime: 'jvm', shareOfLimit: 0.5 }] as const) {
      const unknown = size({ heap });
      expect(unknown.proposals[0]?.recommended.memoryRequestBytes).toBe(2 * GIB);
      expect(codes(unknown)).toContain('heap-unknown');
    }
  });
});

describe('a workload is left alone', () => {
  it.each([
    [
      'vpa',
      {
        vertical: [
          {
            kind: 'VerticalPodAutoscaler',
            namespace: 'shop',
            name: 'v',
            uid: 'v',
            targetKind: 'Deployment',
            targetName: 'web',
            updateMode: 'Auto',
          },
        ],
      },
    ],
    ['static-pod', { isStatic: true }],
    ['job', { kind: 'Job' }],
    ['bare-pod', { kind: 'Pod' }],
    ['hpa-several', { horizontal: [autoscalerOf(), autoscalerOf({ name: 'other' })] }],
  ] as [string, Partial<WorkloadToSize>][])('with a reason: %s', (code, change) => {
    const answer = size({}, change);
    expect(answer.proposals).toEqual([]);
    expect(codes(answer)).toEqual([code]);
  });

  it('but not for a VerticalPodAutoscaler that only recommends', () => {
    const off = {
      kind: 'VerticalPodAutoscaler',
      namespace: 'shop',
      name: 'v',
      uid: 'v',
      targetKind: 'Deployment',
      targetName: 'web',
      updateMode: 'Off',
    } as const;
    expect(size({}, { vertical: [off] }).proposals).toHaveLength(1);
  });

  it('while evidence is missing, thin or old', () => {
    expect(codes(size({ usage: undefined }))).toEqual(['no-usage']);
    expect(codes(size({ usage: usageOf(300, GIB, { samples: 99 }) }))).toEqual(['gathering']);
    expect(codes(size({ usage: usageOf(300, GIB, { firstSeenAt: NOW - 3_600_000 }) }))).toEqual([
      'gathering',
    ]);
    expect(codes(size({ usage: usageOf(300, GIB, { lastSeenAt: NOW - 2 * MS_PER_DAY }) }))).toEqual([
      'stale-usage',
    ]);
    expect(size({ usage: undefined }).gatheringContainers).toBe(1);
  });

  it('where the change is small, unless less than was used is asked for', () => {
    const near = { cpuMilli: 360, memoryBytes: 830 * MIB };
    expect(size({ requests: near }).proposals).toEqual([]);
    // 305 m is within a fifth of what is recommended, and yet less than was used.
    const below = decideSizes(
      sizingState([
        workloadOf([containerOf({ requests: { ...near, cpuMilli: 305 }, usage: usageOf(310, 700 * MIB) })]),
      ]),
      { ...policy, cpuHeadroom: 0.02, minimumChangeShare: 0.2 },
    );
    expect(below.proposals[0]?.recommended.cpuRequestMilli).toBe(320);
  });
});

describe('evidence', () => {
  it('under a week, without weekend or with hours missing is never enough to act by itself', () => {
    const of = (change: Partial<UsageProfile>) =>
      size({ usage: usageOf(300, 700 * MIB, change) }).proposals[0];
    expect(of({})).toMatchObject({ automatic: true, confidence: 'high' });
    expect(of({ days: 7, firstSeenAt: NOW - 6.5 * MS_PER_DAY })).toMatchObject({
      automatic: false,
      confidence: 'low',
    });
    expect(of({ days: 6 })).toMatchObject({ automatic: false, confidence: 'low' });
    expect(of({ weekendDays: 0 })).toMatchObject({ automatic: false, confidence: 'medium' });
    expect(of({ hours: 23 })).toMatchObject({ automatic: false });
  });
});

describe('money', () => {
  it('is the share of the prices of their nodes, between what is asked for and what is used', () => {
    const answer = size();
    // A node of 4 cores and 16 GiB for $0.192: weights 0.126444 and 0.067792, so a core costs 0.192 × 0.031611 / 0.194236.
    const core = (192_000 * 0.031611) / 0.194236;
    const gib = (192_000 * 0.004237) / 0.194236;
    const expected = 3 * ((1 - 0.349) * core + (2 - 814 / 1024) * gib);
    expect(answer.savingMicroUsdPerHour).toBe(Math.round(expected));
  });

  it('never saves what is used anyway', () => {
    const usage = usageOf(300, 700 * MIB);
    const busy = { ...usage, cpuMilli: usage.cpuMilli && { ...usage.cpuMilli, mean: 1000 } };
    const answer = size({ usage: busy, requests: { cpuMilli: 1000, memoryBytes: 814 * MIB } });
    expect(answer.proposals[0]).toMatchObject({ savingMicroUsdPerHour: 0 });
  });

  it('is unknown, and counted, where no price is known', () => {
    const answer = decideSizes(sizingState([workloadOf()], null), policy);
    expect(answer).toMatchObject({ savingMicroUsdPerHour: 0, proposalsWithUnknownSaving: 1 });
    expect(answer.proposals[0]).toMatchObject({ savingMicroUsdPerHour: null, podsWithUnknownPrice: 3 });
  });
});

describe('a HorizontalPodAutoscaler', () => {
  it('that rests at its fewest replicas holds the request up where replicas would grow', () => {
    const answer = size(
      {},
      { horizontal: [autoscalerOf({ utilization: [{ resource: 'cpu', percent: 70 }] })] },
    );
    // 300 / 0.99 / 0.7 = 432.9: at 349 m three pods would be at 87 %.
    expect(answer.proposals[0]).toMatchObject({ replicasAfter: 3, recommended: { cpuRequestMilli: 433 } });
  });

  it('whose replicas follow the load is refused with the gain, and memory is sized all the same', () => {
    const answer = size(
      { usage: usageOf(300, 700 * MIB, { pods: { min: 3, max: 7 } }) },
      { horizontal: [autoscalerOf()] },
    );
    expect(answer.proposals[0]?.recommended).toMatchObject({
      cpuRequestMilli: 1000,
      memoryRequestBytes: 814 * MIB,
    });
    expect(codes(answer)).toContain('hpa-loop');
  });

  it('on other metrics changes nothing', () => {
    const answer = size({}, { horizontal: [autoscalerOf({ utilization: [] })] });
    expect(answer.proposals[0]?.recommended.cpuRequestMilli).toBe(349);
  });

  it('counts the requests of all containers, and is refused while one is not measured', () => {
    const proxy = containerOf({ name: 'proxy', usage: usageOf(100, 100 * MIB, { container: 'proxy' }) });
    const both = decide(workloadOf([containerOf(), proxy], { horizontal: [autoscalerOf()] }));
    const total = both.proposals.reduce((sum, one) => sum + (one.recommended.cpuRequestMilli ?? 0), 0);
    expect(total).toBeGreaterThanOrEqual(400 / 0.7);
    const blind = decide(
      workloadOf([containerOf(), { ...proxy, usage: undefined }], { horizontal: [autoscalerOf()] }),
    );
    expect(codes(blind)).toContain('hpa-unknown');
    expect(blind.proposals[0]?.recommended.cpuRequestMilli).toBe(1000);
  });
});

it('tells a change of the QoS class', () => {
  const answer = size({ requests: {} });
  expect(codes(answer)).toContain('qos-class');
  const guaranteed = size({ limits: { cpuMilli: 1000, memoryBytes: 2 * GIB } });
  expect(codes(guaranteed)).not.toContain('qos-class');
});

const figures = fc.record({
  cpu: fc.integer({ min: 1, max: 16_000 }),
  memory: fc.integer({ min: MIB, max: 64 * GIB }),
  startUp: fc.option(fc.record({ cpuMilli: fc.nat(9000), memoryBytes: fc.nat(64 * GIB) })),
  requests: fc.record(
    { cpuMilli: fc.integer({ min: 1, max: 16_000 }), memoryBytes: fc.integer({ min: 1, max: 64 * GIB }) },
    { requiredKeys: [] },
  ),
  limits: fc.record(
    { cpuMilli: fc.integer({ min: 1, max: 16_000 }), memoryBytes: fc.integer({ min: 1, max: 64 * GIB }) },
    { requiredKeys: [] },
  ),
  percent: fc.option(fc.integer({ min: 20, max: 120 })),
  bounds: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 4, max: 9 })),
});

function stateOf(one: typeof figures extends fc.Arbitrary<infer T> ? T : never, times = 1) {
  const usage = usageOf(one.cpu * times, one.memory * times, { startUp: one.startUp });
  const [minReplicas, maxReplicas] = one.bounds;
  const horizontal =
    one.percent === null
      ? []
      : [
          autoscalerOf({
            minReplicas,
            maxReplicas,
            utilization: [{ resource: 'cpu', percent: one.percent }],
          }),
        ];
  return workloadOf([containerOf({ usage, requests: one.requests, limits: one.limits })], { horizontal });
}

/** What the container would ask for: the proposal, or what it has. */
function outcome(workload: WorkloadToSize) {
  const { proposals, left } = decide(workload);
  return { proposal: proposals[0], request: proposals[0]?.recommended ?? left[0]?.now };
}

describe('whatever was used', () => {
  it('a proposal is never below it, and no limit below its request', () => {
    fc.assert(
      fc.property(figures, one => {
        const { proposal } = outcome(stateOf(one));
        if (!proposal) return;
        const { recommended, now } = proposal;
        // The API takes no limit below a request.
        const isValid = (each: typeof now) =>
          (each.cpuLimitMilli ?? Infinity) >= (each.cpuRequestMilli ?? 0) &&
          (each.memoryLimitBytes ?? Infinity) >= (each.memoryRequestBytes ?? 0);
        if (isValid(now)) expect(isValid(recommended)).toBe(true);
        if (recommended.cpuRequestMilli !== now.cpuRequestMilli) {
          expect(recommended.cpuRequestMilli).toBeGreaterThanOrEqual(one.cpu);
        }
        if (recommended.memoryRequestBytes !== now.memoryRequestBytes) {
          expect(recommended.memoryRequestBytes).toBeGreaterThanOrEqual(
            Math.max(one.memory, one.startUp?.memoryBytes ?? 0),
          );
        }
      }),
    );
  });

  it('more of it never gives a smaller recommendation', () => {
    fc.assert(
      fc.property(figures, fc.double({ min: 1, max: 3, noNaN: true }), (one, times) => {
        // What is asked for now is far off, so that no change is too small.
        const far = { ...one, requests: {}, limits: {}, percent: null };
        const before = outcome(stateOf(far)).request;
        const after = outcome(stateOf(far, times)).request;
        expect(after?.cpuRequestMilli).toBeGreaterThanOrEqual(before?.cpuRequestMilli ?? 0);
        expect(after?.memoryRequestBytes).toBeGreaterThanOrEqual(before?.memoryRequestBytes ?? 0);
      }),
    );
  });

  it('the answer does not depend on the order of workloads, containers and pods', () => {
    fc.assert(
      fc.property(fc.array(figures, { minLength: 1, maxLength: 6 }), all => {
        const workloads = all.map((one, index) => ({
          ...stateOf(one),
          key: `Deployment/shop/w${index}`,
          name: `w${index}`,
        }));
        expect(decide(...workloads.toReversed())).toEqual(decide(...workloads));
      }),
    );
  });

  it('what is unknown gives no proposal', () => {
    fc.assert(
      fc.property(figures, one => {
        const [container] = stateOf(one).containers;
        if (!container) return;
        expect(decide(workloadOf([{ ...container, usage: undefined }])).proposals).toEqual([]);
      }),
    );
  });
});
