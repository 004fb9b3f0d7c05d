import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LinearSolver, loadLinearSolver } from './linear-solver.ts';
import {
  anywhere,
  type ExistingNode,
  HOSTNAME_LABEL,
  type Offer,
  type PackingProblem,
  type PodClass,
} from './problem.ts';
import { rearrange } from './rearrangement.ts';

const GIB = 2 ** 30;

let solve: LinearSolver;
beforeAll(async () => {
  solve = await loadLinearSolver();
});

function offer(instanceType: string, cores: number, usd: number): Offer {
  return {
    instanceType,
    zone: 'a',
    capacityType: 'on-demand',
    labels: { 'topology.kubernetes.io/zone': 'a' },
    taints: [],
    allocatable: { cpuMilli: cores * 1000, memoryBytes: cores * 4 * GIB, extended: {} },
    podLimit: 58,
    priceMicroUsdPerHour: Math.round(usd * 1e6),
  };
}

/** A node of an offer with so many pods of class 0, or of the classes named. */
function running(
  name: string,
  of: Offer,
  pods: number | ExistingNode['pods'],
  change: Partial<ExistingNode> = {},
): ExistingNode {
  return {
    name,
    labels: of.labels,
    taints: [],
    allocatable: of.allocatable,
    podLimit: of.podLimit,
    unschedulable: false,
    priceMicroUsdPerHour: of.priceMicroUsdPerHour,
    isRemovable: true,
    pods: typeof pods === 'number' ? [{ podClass: 0, count: pods, canMove: true }] : pods,
    ...change,
  };
}

function pods(name: string, cpuMilli: number, change: Partial<PodClass> = {}): PodClass {
  return {
    name,
    count: 0,
    requests: { cpuMilli, memoryBytes: cpuMilli * GIB * 0.004, extended: {} },
    rules: anywhere,
    ...change,
  };
}

function plan(change: Partial<PackingProblem>) {
  const problem: PackingProblem = {
    pods: [],
    offers: [],
    daemonSets: [],
    existing: [],
    maxNodes: null,
    ...change,
  };
  return rearrange(problem, { solve, seed: 1, shouldStop: () => false, isTooLate: () => false, patience: 8 });
}

const xlarge = offer('xlarge', 4, 0.2);
const twoXlarge = offer('2xlarge', 8, 0.38);
const small = offer('small', 2, 0.09);

describe('a running cluster made cheaper', () => {
  it('replaces five nodes that are half empty by two', () => {
    const large = offer('8', 8, 0.3);
    const dear = offer('dear', 8, 0.4);
    const existing = [1, 2, 3, 4, 5].map(i =>
      running(`n${i}`, dear, [{ podClass: 0, count: 3, canMove: true }]),
    );
    const { keep, remove, add, moves, costBeforeMicroUsdPerHour, costAfterMicroUsdPerHour } = plan({
      pods: [pods('web', 1_000)],
      offers: [large],
      existing,
    });
    expect({ keep, removed: remove.length, added: add.length }).toEqual({ keep: [], removed: 5, added: 2 });
    expect([costBeforeMicroUsdPerHour, costAfterMicroUsdPerHour]).toEqual([2_000_000, 600_000]);
    expect(moves.reduce((sum, { count }) => sum + count, 0)).toBe(15);
  });

  it('replaces one large node by two small ones, which a rule of one replacement at most cannot', () => {
    const { remove, add, costAfterMicroUsdPerHour } = plan({
      pods: [pods('web', 1_900)],
      offers: [xlarge, small],
      existing: [running('big', twoXlarge, 2)],
    });
    expect(remove).toEqual(['big']);
    expect(add.map(({ offer: index }) => index)).toEqual([1, 1]);
    expect(costAfterMicroUsdPerHour).toBe(180_000);
  });

  it('finds the pair to merge when the node before them in any order cannot move (a prefix search finds nothing)', () => {
    const blocked = running('n2', xlarge, [{ podClass: 0, count: 1, canMove: false }], {
      isRemovable: false,
    });
    const { keep, remove, moves } = plan({
      pods: [pods('web', 1_900)],
      offers: [xlarge],
      existing: [running('n1', xlarge, 1), blocked, running('n3', xlarge, 1), running('n4', xlarge, 1)],
    });
    expect(keep).toHaveLength(2);
    expect(keep).toContain('n2');
    expect(remove).toHaveLength(2);
    expect(moves.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it('merges two half-empty nodes into one of another type (karpenter#1962)', () => {
    const compute = {
      ...offer('c5a.xlarge', 4, 0.154),
      allocatable: { cpuMilli: 3_920, memoryBytes: 6 * GIB, extended: {} },
    };
    const general = {
      ...offer('m6a.xlarge', 4, 0.173),
      allocatable: { cpuMilli: 3_920, memoryBytes: 14 * GIB, extended: {} },
    };
    const half = pods('half', 1_700, { requests: { cpuMilli: 1_700, memoryBytes: 5 * GIB, extended: {} } });
    const { remove, add } = plan({
      pods: [half],
      offers: [compute, general],
      existing: [running('a', compute, 1), running('b', compute, 1)],
    });
    expect(remove).toEqual(['a', 'b']);
    expect(add.map(({ offer: index }) => index)).toEqual([1]);
  });

  it('does not trade two nodes for eight dearer small ones (aws-karpenter#7984)', () => {
    const large = offer('c6g.large', 2, 0.068);
    const medium = {
      ...offer('c6g.medium', 1, 0.034),
      allocatable: { cpuMilli: 500, memoryBytes: GIB, extended: {} },
    };
    const { keep, remove, add } = plan({
      pods: [pods('web', 450, { requests: { cpuMilli: 450, memoryBytes: 0.9 * GIB, extended: {} } })],
      offers: [large, medium],
      existing: [running('a', large, 4), running('b', large, 4)],
    });
    expect({ keep, remove, add }).toEqual({ keep: ['a', 'b'], remove: [], add: [] });
  });

  it('never touches a node without a price', () => {
    const unknown = running('unknown', xlarge, 1, { priceMicroUsdPerHour: null });
    const full = running('full', xlarge, 4);
    const { keep, remove, moves } = plan({
      pods: [pods('web', 1_000)],
      offers: [xlarge],
      existing: [full, unknown],
    });
    expect({ keep, remove, moves }).toEqual({ keep: ['full', 'unknown'], remove: [], moves: [] });
  });

  it('fills kept nodes with what is pending before it buys', () => {
    const { add, moves, keep } = plan({
      pods: [pods('web', 1_000, { count: 2 })],
      offers: [small],
      existing: [running('n', xlarge, 2, { isRemovable: false })],
    });
    expect({ add, keep }).toEqual({ add: [], keep: ['n'] });
    expect(moves).toEqual([{ podClass: 0, from: null, to: 'n', count: 2 }]);
  });

  it('keeps apart what asks to be apart', () => {
    const apart = {
      ...anywhere,
      labels: { app: 'db' },
      podAntiAffinity: [
        {
          topologyKey: HOSTNAME_LABEL,
          selector: { matchLabels: { app: 'db' }, matchExpressions: [] },
          namespaces: ['default'],
        },
      ],
    };
    const { add, keep } = plan({
      pods: [pods('db', 500, { rules: apart })],
      offers: [small],
      existing: [running('a', xlarge, 1), running('b', xlarge, 1)],
    });
    expect([...keep, ...add]).toHaveLength(2);
  });

  it('never costs more than what runs, however little time there is to search', () => {
    const kinds = [small, xlarge, twoXlarge];
    const node = fc.record({
      kind: fc.constantFrom(...kinds),
      discount: fc.integer({ min: 30, max: 130 }),
      pods: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 6 }),
    });
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 7 }),
        fc.array(fc.integer({ min: 200, max: 3_000 }), { minLength: 6, maxLength: 6 }),
        (nodes, sizes) => {
          const classes = sizes.map((cpuMilli, index) => pods(`app-${index}`, cpuMilli));
          const existing = nodes.map(({ kind, discount, pods: wanted }, index) => {
            let left = kind.allocatable.cpuMilli;
            const fit = wanted.filter(podClass => {
              const cpuMilli = sizes[podClass] ?? 0;
              if (cpuMilli > left) return false;
              left -= cpuMilli;
              return true;
            });
            const here = [...new Set(fit)].map(podClass => ({
              podClass,
              count: fit.filter(one => one === podClass).length,
              canMove: true,
            }));
            const priceMicroUsdPerHour = Math.round(((kind.priceMicroUsdPerHour ?? 0) * discount) / 100);
            return running(`n${index}`, kind, here, { priceMicroUsdPerHour });
          });
          const answer = rearrange(
            { pods: classes, offers: kinds, daemonSets: [], existing, maxNodes: null },
            { solve: undefined, seed: 1, shouldStop: () => true, isTooLate: () => false, patience: 0 },
          );
          expect(answer.costAfterMicroUsdPerHour).toBeLessThanOrEqual(answer.costBeforeMicroUsdPerHour);
        },
      ),
      { numRuns: Number(process.env.REARRANGE_RUNS ?? 500) },
    );
  });
});
