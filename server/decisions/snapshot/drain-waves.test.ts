import fc from 'fast-check';
import { expect, it } from 'vitest';
import { budgetOf, podOn } from '../small-cluster.fixture.ts';
import { drainWaves, type PlannedMove } from './drain-waves.ts';

const RUNS = Number(process.env.WAVE_RUNS ?? 300);
const NODES = 8;
const APPS = 3;
const nodeName = (n: number) => `n${n}`;

/** Moves between nodes of which some go, with a budget over each app. */
const cases = fc.record({
  removed: fc.uniqueArray(fc.integer({ min: 0, max: NODES - 1 }), { minLength: 1, maxLength: 4 }),
  moves: fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: NODES - 1 }),
      to: fc.integer({ min: 0, max: NODES - 1 }),
      app: fc.integer({ min: 0, max: APPS - 1 }),
      cpuMilli: fc.integer({ min: 100, max: 2_000 }),
    }),
    { maxLength: 24 },
  ),
  allowed: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: APPS, maxLength: APPS }),
  free: fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: NODES, maxLength: NODES }),
  mostNodes: fc.integer({ min: 1, max: 4 }),
});

it('takes each node once, and in no wave more nodes, evictions or room than there may be', () => {
  fc.assert(
    fc.property(cases, ({ removed, moves: drawn, allowed, free, mostNodes }) => {
      const gone = new Set(removed.map(nodeName));
      const moves = drawn
        .filter(({ from, to }) => from !== to && !gone.has(nodeName(to)))
        .map(({ from, to, app, cpuMilli }, n): PlannedMove => {
          const requests = { cpuMilli, memoryBytes: 0, extended: {} };
          const inventory = podOn(nodeName(from), `p${n}`, { labels: { app: `${app}` }, requests });
          const pod = { key: `shop/p${n}`, owner: 'x', inventory, requests } as unknown as PlannedMove['pod'];
          return { pod, from: nodeName(from), to: nodeName(to) };
        });
      const budgets = allowed.map((count, app) => budgetOf(`b${app}`, { app: `${app}` }, count));
      const room = new Map(
        free.map((cpuMilli, n) => [nodeName(n), { cpuMilli, memoryBytes: 1, pods: 99, extended: {} }]),
      );
      const { waves, waiting } = drainWaves(moves, [...gone], budgets, room, mostNodes, () => false);

      const left = moves.map(({ from }) => from);
      expect(waves.flatMap(({ drain }) => drain.map(({ node }) => node)).toSorted()).toEqual(
        [...new Set([...gone, ...left])].toSorted(),
      );
      const now = new Map([...room].map(([name, { cpuMilli }]) => [name, cpuMilli]));
      for (const { drain, note } of waves) {
        expect(drain.length).toBeLessThanOrEqual(mostNodes);
        const names = new Set(drain.map(({ node }) => node));
        const own = moves.filter(({ from }) => names.has(from ?? ''));
        allowed.forEach((count, app) => {
          const evictions = own.filter(({ pod }) => pod.inventory.labels.app === `${app}`).length;
          // A node that alone asks for more goes alone, and its drain waits for replacements.
          if (evictions > count) expect([drain.length, note === null]).toEqual([1, false]);
        });
        const stays = new Set(drain.filter(({ isRemoved }) => !isRemoved).map(({ node }) => node));
        if (drain.length > 1)
          expect(own.filter(({ from, to }) => stays.has(from ?? '') && stays.has(to))).toEqual([]);
        for (const { to, pod } of own) now.set(to, (now.get(to) ?? 0) - pod.requests.cpuMilli);
        // What leaves makes room for the next wave, not for its own.
        if (waiting.length === 0) for (const { to } of own) expect(now.get(to)).toBeGreaterThanOrEqual(0);
        for (const { from, pod } of own)
          now.set(from ?? '', (now.get(from ?? '') ?? 0) + pod.requests.cpuMilli);
      }
    }),
    { numRuns: RUNS },
  );
});

it('names the nodes that wait for each other’s room, and not those that wait for them', () => {
  const full = { cpuMilli: 0, memoryBytes: 0, pods: 9, extended: {} };
  const requests = { cpuMilli: 100, memoryBytes: 0, extended: {} };
  const move = (from: string, to: string) =>
    ({ pod: { key: from, inventory: podOn(from, from), requests }, from, to }) as unknown as PlannedMove;
  const room = new Map(['a', 'b', 'c', 'd', 'e'].map(name => [name, full]));
  const waitingOf = (...moves: PlannedMove[]) => drainWaves(moves, ['e'], [], room, 9, () => false).waiting;
  expect(waitingOf(move('a', 'b'), move('b', 'a'), move('e', 'a'))).toEqual(['a', 'b']);
  expect(waitingOf(move('a', 'b'), move('b', 'c'), move('c', 'a'), move('d', 'a'))).toEqual(['a', 'b', 'c']);
  room.set('c', { ...full, cpuMilli: 100 });
  expect(waitingOf(move('a', 'b'), move('b', 'c'), move('e', 'a'))).toEqual([]);
});
