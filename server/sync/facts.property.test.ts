import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { factKinds } from '../../common/contracts/index.ts';
import { type Fate, Network } from './testing/faulty-link.ts';
import { openTestEngine, type TestEngine } from './testing/test-engine.ts';

/** `CLOUDOPTIM_SYNC_SCHEDULES=1000` runs as many schedules. */
const SCHEDULES = Number(process.env.CLOUDOPTIM_SYNC_SCHEDULES ?? 20);
const SEED = Number(process.env.CLOUDOPTIM_SYNC_SEED ?? 20_261_127);
const HOUR = 3_600_000;
/** Engines are opened anew after so many schedules; a schedule goes on where the one before it ended. */
const SCHEDULES_OF_TRIO = 20;

type Step =
  | { readonly kind: 'tell'; readonly who: number; readonly what: 'plans' | 'ledger'; readonly id: number }
  | { readonly kind: 'sync'; readonly who: number; readonly fates: readonly Fate[] }
  | { readonly kind: 'late' };

const fate = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Fate>('arrives') },
  { weight: 4, arbitrary: fc.constantFrom<Fate>('lost', 'answer-lost', 'twice', 'late', 'raced') },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('tell' as const),
      who: fc.integer({ min: 0, max: 2 }),
      what: fc.constantFrom('plans' as const, 'ledger' as const),
      id: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      who: fc.integer({ min: 1, max: 2 }),
      fates: fc.array(fate, { minLength: 9, maxLength: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'late' }) },
);

let trio: readonly [TestEngine, TestEngine, TestEngine] | undefined;
let network = new Network();
let schedules = 0;
let said = 0;

async function openTrio(skews: readonly number[]) {
  if (trio && schedules++ % SCHEDULES_OF_TRIO !== 0) return trio;
  schedules = 1;
  await closeTrio();
  network = new Network();
  const [server, a, b] = (await Promise.all(
    ['server', 'a', 'b'].map((name, n) => openTestEngine(name, skews[n])),
  )) as [TestEngine, TestEngine, TestEngine];
  await a.connect(server, network);
  await b.connect(server, network);
  trio = [server, a, b];
  return trio;
}

async function closeTrio(): Promise<void> {
  for (const engine of trio ?? []) await engine.close();
  trio = undefined;
}

afterAll(closeTrio);

/** Everything that an engine can tell: its own and what it holds of others. */
async function told({ book }: TestEngine): Promise<string[]> {
  const all: string[] = [];
  for (const kind of factKinds)
    for (const { origin } of await book.cursors(kind)) {
      const facts = await book.read(kind, origin, 0);
      all.push(...facts.map(({ id, seq, body }) => `${kind} ${origin} ${id} ${seq} ${JSON.stringify(body)}`));
    }
  return all.sort();
}

describe('plans and ledgers of three engines', () => {
  it(`are the same in the end, and nothing is lost, in ${SCHEDULES} schedules`, async () => {
    const skew = fc.integer({ min: -HOUR, max: HOUR });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(skew, skew, skew),
        fc.array(step, { minLength: 3, maxLength: 16 }),
        async (skews, steps) => {
          const engines = await openTrio(skews);
          const [server, a, b] = engines;
          const tell = (who: number, what: 'plans' | 'ledger', id: number) =>
            engines[who]?.facts[what].tell(`${what}-${who}-${id}`, `said ${said++}`);
          network.race = async () => tell(0, 'plans', 9);
          for (const one of steps) {
            if (one.kind === 'tell') tell(one.who, one.what, one.id);
            else if (one.kind === 'late') await network.arriveLate();
            else {
              const first = network.calls;
              network.fateOf = call => one.fates[call - first] ?? 'arrives';
              await engines[one.who]?.sync().catch(() => undefined);
              network.fateOf = () => 'arrives';
            }
          }
          await network.arriveLate();
          for (const engine of [a, b, a]) await engine.sync();
          const all = await told(server);
          expect(await told(a)).toEqual(all);
          expect(await told(b)).toEqual(all);
          // What each says of itself is among it as it said it last.
          for (const { facts, self } of engines)
            for (const kind of factKinds)
              for (const { id, seq, body } of await facts[kind].after(0, 1_000))
                expect(all).toContain(`${kind} ${self.engineId} ${id} ${seq} ${JSON.stringify(body)}`);
        },
      ),
      { numRuns: SCHEDULES, seed: SEED },
    );
  }, 600_000);
});
