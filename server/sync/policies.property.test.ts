import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveConflict } from './resolve-conflict.ts';
import { type Fate, Network } from './testing/faulty-link.ts';
import { openTestEngine, type TestEngine } from './testing/test-engine.ts';

/** `CLOUDOPTIM_SYNC_SCHEDULES=1000` runs as many schedules. */
const SCHEDULES = Number(process.env.CLOUDOPTIM_SYNC_SCHEDULES ?? 20);
const SEED = Number(process.env.CLOUDOPTIM_SYNC_SEED ?? 20_261_127);
const HOUR = 3_600_000;
/** Engines are opened anew after so many schedules: each has a scope of its own, and all scopes are synced. */
const SCHEDULES_OF_TRIO = 20;

interface Trio {
  readonly engines: readonly [server: TestEngine, a: TestEngine, b: TestEngine];
  readonly network: Network;
}

const opened: Trio[] = [];
let used = 0;
afterAll(async () => {
  for (const { engines } of opened) for (const engine of engines) await engine.close();
});

async function trio(skews: readonly number[]): Promise<Trio> {
  const last = opened.at(-1);
  if (last && used++ % SCHEDULES_OF_TRIO !== 0) return last;
  used = 1;
  const [server, a, b] = (await Promise.all(
    ['server', 'a', 'b'].map((name, n) => openTestEngine(name, skews[n])),
  )) as [TestEngine, TestEngine, TestEngine];
  const network = new Network();
  await a.connect(server, network);
  await b.connect(server, network);
  const one: Trio = { engines: [server, a, b], network };
  opened.push(one);
  return one;
}

type Step =
  | { readonly kind: 'edit'; readonly who: number }
  | { readonly kind: 'sync'; readonly who: number; readonly fates: readonly Fate[] }
  | { readonly kind: 'choose'; readonly who: number; readonly keep: 'mine' | 'theirs' }
  | { readonly kind: 'late' };

const fate = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Fate>('arrives') },
  { weight: 3, arbitrary: fc.constantFrom<Fate>('lost', 'answer-lost', 'twice', 'late', 'raced') },
);
const guest = fc.integer({ min: 1, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('edit' as const), who: fc.integer({ min: 0, max: 2 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      who: guest,
      fates: fc.array(fate, { minLength: 4, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('choose' as const),
      who: guest,
      keep: fc.constantFrom('mine' as const, 'theirs' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'late' }) },
);
const skew = fc.integer({ min: -HOUR, max: HOUR });

let schedules = 0;

/** What a person decided with both versions before them. */
interface Choice {
  readonly over: number;
  readonly by: number;
}

async function choose(engine: TestEngine, scope: string, keep: 'mine' | 'theirs', choices: Choice[]) {
  const row = (await engine.store.agreedPolicies('server')).find(one => one.scope === scope);
  if (!row || row.conflict === null) return;
  const theirs = JSON.parse(row.conflict) as {
    revision: number;
    document: { memory: { podRestMs: number } };
  };
  const { revision } = await engine.policies.get(scope);
  const mine = await engine.mark(scope);
  const other = theirs.document.memory.podRestMs / 60_000;
  choices.push(keep === 'mine' ? { over: other, by: mine } : { over: mine, by: other });
  const run = {
    serverId: 'server',
    serverName: 'server',
    policies: engine.policies,
    store: engine.store,
    link: async () => engine.link(),
  };
  await resolveConflict(run, scope, { keep, mineRevision: revision, theirsRevision: theirs.revision }).catch(
    () => undefined,
  );
}

/** Nobody waits for a choice, and all have the same. */
async function isQuiet(engines: readonly TestEngine[], scope: string): Promise<boolean> {
  const marks = await Promise.all(engines.map(engine => engine.mark(scope)));
  const rows = await Promise.all(engines.map(({ store }) => store.agreedPolicies('server')));
  const waits = rows.flat().some(row => row.scope === scope && row.conflict !== null);
  return !waits && new Set(marks).size === 1;
}

describe('policies on three engines', () => {
  it(`are the same in the end, and no edit is overwritten unseen, in ${SCHEDULES} schedules`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(skew, skew, skew),
        fc.array(step, { minLength: 3, maxLength: 14 }),
        async (skews, steps) => {
          const { engines, network } = await trio(skews);
          const [server, a, b] = engines;
          const scope = `cluster-${schedules++}`;
          for (const { clusterIds } of engines) clusterIds.splice(0, 1, scope);
          const edits: { mark: number; before: number }[] = [];
          const choices: Choice[] = [];
          network.fateOf = () => 'arrives';
          const edit = async (engine: TestEngine) => {
            const one = { mark: edits.length + 1, before: await engine.mark(scope) };
            edits.push(one);
            await engine.edit(scope, one.mark);
          };
          network.race = () => edit(server);
          for (const one of steps) {
            if (one.kind === 'edit') await edit(engines[one.who] as TestEngine);
            else if (one.kind === 'sync') {
              const first = network.calls;
              network.fateOf = call => one.fates[call - first] ?? 'arrives';
              await engines[one.who]?.sync().catch(() => undefined);
              network.fateOf = () => 'arrives';
            } else if (one.kind === 'choose')
              await choose(engines[one.who] as TestEngine, scope, one.keep, choices);
            else await network.arriveLate();
          }

          // The network heals, and people choose until nothing waits for them.
          await network.arriveLate();
          for (let round = 0; round < 8 && (round === 0 || !(await isQuiet(engines, scope))); round++) {
            for (const engine of [a, b]) {
              await engine.sync();
              await choose(engine, scope, round % 2 === 0 ? 'mine' : 'theirs', choices);
            }
          }
          const marks = await Promise.all(engines.map(engine => engine.mark(scope)));
          expect(new Set(marks).size, `in the end ${marks.join()}`).toBe(1);
          if (edits.length === 0) return;

          // Nothing lost: each edit is in the history of some engine.
          const histories = await Promise.all(engines.map(engine => engine.history(scope)));
          for (const { mark } of edits) expect(histories.flat()).toContain(mark);
          // Each edit that is not the last was followed, or a person saw both versions.
          const [final = 0] = marks;
          const followed = new Map<number, number[]>();
          for (const { mark, before } of edits) followed.set(before, [...(followed.get(before) ?? []), mark]);
          for (const { over, by } of choices) followed.set(over, [...(followed.get(over) ?? []), by]);
          for (const { mark } of edits)
            expect(leadsTo(followed, mark, final), `edit ${mark} was overwritten by ${final} unseen`).toBe(
              true,
            );
          expect(await server.policies.get(scope)).toMatchObject({ scope });
        },
      ),
      { numRuns: SCHEDULES, seed: SEED },
    );
  }, 600_000);
});

function leadsTo(followed: ReadonlyMap<number, readonly number[]>, from: number, to: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(followed.get(at) ?? []));
  }
  return false;
}
