import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../../common/contracts/index.ts';
import { savingsEntry, savingsSummary } from '../../common/contracts/index.ts';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../common/units/index.ts';
import type { ObservedCluster } from '../decisions/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import { createLog, LiveHub } from '../platform/index.ts';
import { accrue } from './accrue.ts';
import { type BookedInterval, bookedOver, toMicroUsd } from './booked-interval.ts';
import { createSavings, type Savings } from './create-savings.ts';
import { freeze, type LedgerEntry, openEntry, withPlanEnd } from './ledger-entry.ts';
import { savingMigrations } from './saving-tables.ts';
import { node, observed, pod, START } from './testing/test-cluster.ts';
import { planOf } from './testing/test-plan.ts';

/** Ticks entries over time against what the cluster shows; answers with the entries and all that was booked. */
class Ledger {
  entries: LedgerEntry[] = [];
  readonly intervals = new Map<string, BookedInterval[]>();
  nowMs = START;
  view: ObservedCluster = observed([], []);

  begin(plan: Plan): void {
    this.entries.push(openEntry(`entry-${plan.id}`, plan, freeze(plan, this.view, this.nowMs), this.nowMs));
  }

  end(plan: Plan): void {
    this.entries = this.entries.map(entry =>
      entry.planId === plan.id ? withPlanEnd(entry, plan, this.nowMs) : entry,
    );
  }

  run(ms: number): void {
    for (let left = ms; left > 0; left -= MS_PER_MINUTE) {
      this.nowMs += Math.min(left, MS_PER_MINUTE);
      for (const { entry, interval } of accrue(this.entries, () => this.view, this.nowMs)) {
        this.entries = this.entries.map(one => (one.id === entry.id ? entry : one));
        if (interval)
          this.intervals.set(entry.planId, [...(this.intervals.get(entry.planId) ?? []), interval]);
      }
    }
  }

  of(planId: string): LedgerEntry {
    const entry = this.entries.find(one => one.planId === planId);
    if (!entry) throw new Error(`no entry of ${planId}`);
    return entry;
  }

  booked(planId: string): number {
    return toMicroUsd(bookedOver(this.intervals.get(planId) ?? []).microUsdMs);
  }
}

/** Plan p replaced `old` at $0.192/h by `new` at $0.06/h, five minutes of overlap included. */
function replaced(): Ledger {
  const ledger = new Ledger();
  ledger.begin(planOf('p', 'old', 192_000));
  ledger.view = observed([node('old', 192_000, 0), node('new', 60_000, START + 1000)], [pod('new')]);
  ledger.run(5 * MS_PER_MINUTE);
  ledger.view = observed([node('new', 60_000, START + 1000)], [pod('new')]);
  ledger.end(planOf('p', 'old', 192_000, 'succeeded'));
  return ledger;
}

describe('booking', () => {
  it('books the overlap of both nodes as a cost, then counterfactual less actual', () => {
    const ledger = replaced();
    expect(ledger.booked('p')).toBe(-5_000);
    ledger.run(MS_PER_HOUR);
    expect(ledger.booked('p')).toBe(-5_000 + 132_000);
    expect(ledger.of('p').replacements.map(({ name }) => name)).toEqual(['new']);
  });

  it('books the whole node where its pods found room on nodes that ran already', () => {
    const ledger = new Ledger();
    ledger.begin(planOf('p', 'old', 192_000));
    ledger.view = observed([node('stays', 100_000, START - 1)], [pod('stays')]);
    ledger.end(planOf('p', 'old', 192_000, 'succeeded'));
    ledger.run(MS_PER_HOUR);
    expect(ledger.booked('p')).toBe(192_000);
  });

  it('leaves time with an unknown price, an agent that is away or an engine that was off out, and counts it', () => {
    const ledger = replaced();
    ledger.view = observed([node('new', null, START + 1000)], [pod('new')]);
    ledger.run(10 * MS_PER_MINUTE);
    ledger.view = observed([node('new', 60_000, START + 1000)], [pod('new')], 'away');
    ledger.run(10 * MS_PER_MINUTE);
    ledger.view = observed([node('new', 60_000, START + 1000)], [pod('new')]);
    ledger.nowMs += 10 * MS_PER_MINUTE;
    ledger.run(1);
    expect(ledger.booked('p')).toBe(-5_000);
    expect(bookedOver(ledger.intervals.get('p') ?? []).unknownMs).toBe(30 * MS_PER_MINUTE + 1);
  });

  it('pays a replacement of two plans once', () => {
    const ledger = new Ledger();
    ledger.begin(planOf('p', 'old1', 200_000));
    ledger.begin(planOf('q', 'old2', 100_000));
    ledger.view = observed([node('new', 90_000, START + 1000)], [pod('new')]);
    ledger.end(planOf('p', 'old1', 200_000, 'succeeded'));
    ledger.end(planOf('q', 'old2', 100_000, 'succeeded'));
    ledger.run(MS_PER_HOUR);
    expect([ledger.booked('p'), ledger.booked('q')]).toEqual([140_000, 70_000]);
  });

  it('goes on with what follows an interrupted replacement', () => {
    const ledger = replaced();
    ledger.run(MS_PER_HOUR);
    const before = ledger.booked('p');
    ledger.view = observed([node('next', 80_000, ledger.nowMs)], [pod('next')]);
    ledger.run(MS_PER_HOUR);
    expect(ledger.of('p')).toMatchObject({ endedAt: null, replacements: [{ name: 'next' }] });
    expect(ledger.booked('p') - before).toBe(112_000);
  });

  it('does not take a later node for a replacement', () => {
    const ledger = replaced();
    ledger.run(MS_PER_HOUR);
    ledger.view = observed(
      [node('new', 60_000, START + 1000), node('grown', 500_000, ledger.nowMs)],
      [pod('new'), pod('grown')],
    );
    ledger.run(MS_PER_HOUR);
    expect(ledger.of('p').replacements.map(({ name }) => name)).toEqual(['new']);
  });

  it('saves no dollar twice when a later plan replaces the replacement', () => {
    const ledger = replaced();
    ledger.run(MS_PER_HOUR);
    const before = ledger.booked('p');
    ledger.begin(planOf('q', 'new', 60_000));
    ledger.view = observed([node('newer', 20_000, ledger.nowMs + 1)], [pod('newer')]);
    ledger.end(planOf('q', 'new', 60_000, 'succeeded'));
    ledger.run(MS_PER_HOUR);
    expect(ledger.booked('p') - before).toBe(132_000);
    expect(ledger.booked('q')).toBe(40_000);
  });

  it('leaves what a later plan brought to that plan, also while the earlier one still settles', () => {
    const ledger = replaced();
    ledger.run(MS_PER_MINUTE);
    const before = ledger.booked('p');
    ledger.begin(planOf('q', 'new', 60_000));
    const newer = node('newer', 20_000, ledger.nowMs + 1);
    ledger.view = observed([node('new', 60_000, START + 1000), newer], [pod('newer')]);
    ledger.run(MS_PER_MINUTE);
    ledger.view = observed([newer], [pod('newer')]);
    ledger.end(planOf('q', 'new', 60_000, 'succeeded'));
    ledger.run(59 * MS_PER_MINUTE);
    expect(ledger.booked('p') - before).toBe(132_000);
    expect(ledger.of('p').replacements.map(({ name }) => name)).toEqual(['new']);
    expect(ledger.of('q').replacements.map(({ name }) => name)).toEqual(['newer']);
  });

  it('ends when the replacements are gone and nothing followed', () => {
    const ledger = replaced();
    ledger.run(MS_PER_HOUR);
    ledger.view = observed([node('other', 1, 0)], [pod('other')]);
    ledger.run(20 * MS_PER_MINUTE);
    expect(ledger.of('p').endedAt).not.toBeNull();
  });

  it('ends at once where the plan was undone and left no new node', () => {
    const ledger = new Ledger();
    ledger.begin(planOf('p', 'old', 192_000));
    ledger.view = observed([node('old', 192_000, 0)], [pod('old')]);
    ledger.run(MS_PER_MINUTE);
    ledger.end(planOf('p', 'old', 192_000, 'stopped'));
    ledger.run(MS_PER_MINUTE);
    expect(ledger.of('p').endedAt).not.toBeNull();
    expect(ledger.booked('p')).toBe(0);
  });
});

describe('a plan of several nodes', () => {
  const two = (state: Plan['state'], done: readonly string[]): Plan => {
    const one = planOf('p', 'a', 100_000, state);
    const [first] = one.remove;
    if (!first) throw new Error('a plan removes a node');
    const remove = [first, { ...first, name: 'b', uid: 'uid-b' }];
    const steps = remove.map(({ name, uid }, index) => ({
      index,
      wave: index + 1,
      kind: 'delete-node' as const,
      node: { name, uid },
      taskId: null,
      state: done.includes(name) ? ('done' as const) : ('skipped' as const),
      startedAt: 1,
      endedAt: null,
      detail: null,
    }));
    return { ...one, remove, steps };
  };

  it('books each node from when it is gone, also while the plan goes on', () => {
    const ledger = new Ledger();
    ledger.begin(two('running', []));
    ledger.view = observed([node('b', 100_000, 0), node('new', 60_000, START + 1)], [pod('new')]);
    ledger.run(MS_PER_HOUR);
    expect(ledger.booked('p')).toBe(40_000);
  });

  it('that was stopped halfway saves what it took away, and nothing for what went later by itself', () => {
    const ledger = new Ledger();
    ledger.begin(two('running', []));
    ledger.view = observed([node('b', 100_000, 0), node('new', 60_000, START + 1)], [pod('new')]);
    ledger.run(MS_PER_MINUTE);
    const before = ledger.booked('p');
    ledger.end(two('stopped', ['a']));
    ledger.view = observed([node('new', 60_000, START + 1)], [pod('new')]);
    ledger.run(MS_PER_HOUR);
    expect(ledger.booked('p') - before).toBe(40_000);
    expect(ledger.of('p')).toMatchObject({ plan: 'partly', endedAt: null });
  });
});

describe('the room of savings', () => {
  it('freezes the counterfactual at the start of a plan, books, and reads the same after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'savings-'));
    const database = await openTestDatabase(folder, savingMigrations);
    let nowMs = START;
    let view = observed([node('old', 192_000, 0), node('new', 60_000, START + 1000)], [pod('new')]);
    let tell: (plan: Plan) => void = () => undefined;
    const parts = {
      database,
      live: new LiveHub(),
      clock: { now: () => nowMs },
      log: createLog('silent'),
      clusters: {
        summaries: () => [{ id: 'c1', name: 'shop' }],
        state: () => view,
        measures: () => new Map(),
        costHistory: async () => [],
      },
      capacityOf: () => undefined,
      decisions: {
        onPlanChanged: (listener: typeof tell) => {
          tell = listener;
        },
        plans: async () => [],
        get: async () => Promise.reject(new Error('no plan')),
        goneInstances: async () => [],
      },
    };
    const savings = await createSavings(parts);
    tell(planOf('p', 'old', 192_000, 'proposed'));
    tell(planOf('p', 'old', 192_000));
    await savings.tick();
    expect(savings.entries()).toHaveLength(1);
    const pass = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        nowMs += MS_PER_MINUTE;
        await savings.tick();
      }
    };
    await pass(5);
    view = observed([node('new', 60_000, START + 1000)], [pod('new')]);
    tell(planOf('p', 'old', 192_000, 'succeeded'));
    await pass(60);
    const [entry] = savings.entries();
    expect(savingsEntry.parse(entry)).toMatchObject({
      counterfactualMicroUsdPerHour: 192_000,
      actualMicroUsdPerHour: 60_000,
      replacedBy: ['new'],
      realizedMicroUsd: 127_000,
      unknownMs: 0,
    });
    expect(savingsSummary.parse(savings.summary())).toMatchObject({
      realizedMicroUsd: 127_000,
      realizedThisMonthMicroUsd: 127_000,
      realizedMicroUsdPerHour: 132_000,
      plans: 1,
    });
    await savings.stop();
    const again = await createSavings(parts);
    expect(again.summary()).toEqual(savings.summary());
    expect(again.entries()).toEqual(savings.entries());
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['nobody ends', 'AWS had not ended when the plan went on'])(
    'counts a node whose instance %s as saved from when the instance is found gone, also after a restart',
    async why => {
      const folder = await mkdtemp(join(tmpdir(), 'savings-'));
      const database = await openTestDatabase(folder, savingMigrations);
      let nowMs = START;
      let gone: string[] = [];
      let tell: (plan: Plan) => void = () => undefined;
      const view = observed([node('new', 60_000, START + 1000)], [pod('new')]);
      const parts = {
        database,
        live: new LiveHub(),
        clock: { now: () => nowMs },
        log: createLog('silent'),
        clusters: {
          summaries: () => [{ id: 'c1', name: 'shop' }],
          state: () => view,
          measures: () => new Map(),
          costHistory: async () => [],
        },
        capacityOf: () => undefined,
        decisions: {
          onPlanChanged: (listener: typeof tell) => {
            tell = listener;
          },
          plans: async () => [],
          get: async () => Promise.reject(new Error('no plan')),
          goneInstances: async (_cluster: string, ids: readonly string[]) =>
            ids.filter(id => gone.includes(id)),
        },
      };
      const kept = (state?: Plan['state']): Plan => {
        const plan = planOf('p', 'old', 192_000, state);
        if (why === 'nobody ends')
          return {
            ...plan,
            remove: plan.remove.map(one => ({ ...one, endedBy: 'nobody' as const, instanceId: 'i-0a' })),
          };
        const [one] = plan.remove;
        const end = { kind: 'end-instance', state: 'done', node: one, instanceId: 'i-0a', lingers: true };
        return state === undefined ? plan : { ...plan, steps: [...plan.steps, end as unknown as PlanStep] };
      };
      const pass = async (savings: Savings, minutes: number) => {
        for (let minute = 0; minute < minutes; minute++) {
          nowMs += MS_PER_MINUTE;
          await savings.tick();
        }
      };
      const first = await createSavings(parts);
      tell(kept());
      await first.tick();
      tell(kept('succeeded'));
      await pass(first, 60);
      const [entry] = first.entries();
      expect(entry).toMatchObject({ actualMicroUsdPerHour: 252_000, realizedMicroUsd: -60_000 });
      expect((await first.entry(entry?.id ?? '')).nodesRemoved).toMatchObject([
        { name: 'old', goesOn: true },
      ]);
      gone = ['i-0a'];
      await pass(first, 6);
      await first.stop();
      const again = await createSavings(parts);
      await pass(again, 1);
      expect(again.entries()).toMatchObject([{ actualMicroUsdPerHour: 60_000 }]);
      expect((await again.entry(entry?.id ?? '')).nodesRemoved).toMatchObject([{ goesOn: false }]);
      await again.stop();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  );
});
