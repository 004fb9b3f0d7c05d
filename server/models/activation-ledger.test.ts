import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssignmentRule } from '../../common/contracts/index.ts';
import { activeAt, championsOf } from './activation-ledger.ts';
import type { LedgerEntry } from './activation-store.ts';
import { assignArm } from './assign-arm.ts';

const rule = (
  salt: string,
  challengerShare: number,
  mode: AssignmentRule['mode'] = 'ab',
  unit: AssignmentRule['unit'] = 'cluster',
): AssignmentRule => ({
  experimentId: `experiment-${salt}`,
  mode,
  unit,
  challengerShare,
  salt,
});
const entry = (seq: number, change: Partial<LedgerEntry>): LedgerEntry => ({
  seq,
  at: seq * 1000,
  task: 'spot-price',
  modelId: 'm',
  alias: 'champion',
  kind: 'activated',
  actor: 'ann',
  reason: null,
  rule: null,
  ...change,
});
const clusters = Array.from({ length: 20_000 }, (_, index) => ({ clusterId: `cluster-${index}` }));
const challenged = (of: AssignmentRule) =>
  clusters.filter(subject => assignArm(of, subject) === 'challenger').length;

describe('the assignment of clusters', () => {
  it('gives the challenger its share, within what chance allows', () => {
    for (const share of [0.05, 0.5, 0.9]) {
      const spread = 5 * Math.sqrt(share * (1 - share) * clusters.length);
      expect(Math.abs(challenged(rule('a', share)) - share * clusters.length)).toBeLessThan(spread);
    }
    expect(challenged(rule('a', 0))).toBe(0);
    expect(challenged(rule('a', 1))).toBe(clusters.length);
    expect(challenged(rule('a', 1, 'shadow'))).toBe(0);
  });

  it('is the same on every machine and after every restart', () => {
    // Reckoned by Python's hashlib: another hash would move clusters between models in the middle of an experiment.
    const of = rule('pepper', 0.5);
    const served = clusters.slice(0, 16).map(subject => (assignArm(of, subject) === 'challenger' ? 1 : 0));
    expect(served.join('')).toBe('0010011000001001');
  });

  it('keeps whoever had the challenger when the share grows, and shuffles with another salt', () => {
    const before = clusters.filter(subject => assignArm(rule('a', 0.3), subject) === 'challenger');
    expect(before.every(subject => assignArm(rule('a', 0.6), subject) === 'challenger')).toBe(true);
    const stay = before.filter(subject => assignArm(rule('b', 0.3), subject) === 'challenger').length;
    expect(stay / before.length).toBeGreaterThan(0.2);
    expect(stay / before.length).toBeLessThan(0.4);
  });

  it('splits workloads within a cluster where that was asked for, and never else', () => {
    const workloads = Array.from({ length: 2_000 }, (_, index) => ({
      clusterId: 'c',
      workload: `Deployment/ns/${index}`,
    }));
    const arms = (unit: AssignmentRule['unit']) =>
      workloads.filter(subject => assignArm(rule('a', 0.3, 'ab', unit), subject) === 'challenger').length;
    expect(arms('workload')).toBeGreaterThan(500);
    expect(arms('workload')).toBeLessThan(700);
    expect([0, workloads.length]).toContain(arms('cluster'));
    // No workload in particular: what holds for the cluster is the champion's.
    expect(assignArm(rule('a', 1, 'ab', 'workload'), { clusterId: 'c' })).toBe('champion');
  });
});

describe('the ledger', () => {
  it('answers what was active at any time, for a cluster in an experiment too', () => {
    const all = rule('s', 1);
    const challenger = { alias: 'challenger' as const, modelId: 'b', rule: all };
    const ledger = [
      entry(1, { modelId: 'a' }),
      entry(2, { ...challenger, kind: 'experiment-started' }),
      entry(3, { ...challenger, kind: 'experiment-ended' }),
      entry(4, { modelId: 'b' }),
      entry(5, { modelId: 'a', kind: 'rolled-back' }),
      entry(6, { modelId: 'a', kind: 'retired' }),
    ];
    const at = (seconds: number, subject?: { clusterId: string }) =>
      activeAt('spot-price', ledger, subject, seconds * 1000);
    const subject = { clusterId: 'shop' };
    expect(at(0.9, subject).modelId).toBeNull();
    expect(at(1, subject)).toMatchObject({ modelId: 'a', alias: 'champion', experimentId: null, seq: 1 });
    expect(at(2.5, subject)).toMatchObject({ modelId: 'b', alias: 'challenger', seq: 2 });
    expect(at(2.5)).toMatchObject({ modelId: 'a', alias: 'champion', experimentId: 'experiment-s' });
    expect(at(3, subject)).toMatchObject({ modelId: 'a', experimentId: null });
    expect(at(4, subject).modelId).toBe('b');
    expect(at(5, subject)).toMatchObject({ modelId: 'a', seq: 5 });
    expect(at(6, subject)).toMatchObject({ modelId: null, alias: null });
    expect(activeAt('interruption', ledger, subject, 4000).modelId).toBeNull();
  });

  it('never changes its answer about the past, whatever is written later', () => {
    const change = fc.record({
      modelId: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('activated', 'rolled-back', 'retired', 'experiment-started', 'experiment-ended'),
    });
    const build = (changes: readonly { modelId: string; kind: string }[]) =>
      changes.map(({ modelId, kind }, index) => {
        const isExperiment = kind.startsWith('experiment');
        return entry(index + 1, {
          modelId,
          kind: kind as LedgerEntry['kind'],
          alias: isExperiment ? 'challenger' : 'champion',
          rule: isExperiment ? rule('s', 0.5) : null,
        });
      });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 20 }),
        fc.array(change, { maxLength: 10 }),
        (first, later) => {
          const before = build(first);
          const after = build([...first, ...later]);
          for (let at = 0; at <= first.length * 1000; at += 500) {
            for (const subject of [undefined, { clusterId: 'x' }, { clusterId: 'y' }])
              expect(activeAt('spot-price', after, subject, at)).toEqual(
                activeAt('spot-price', before, subject, at),
              );
          }
        },
      ),
      { seed: 11, numRuns: 200 },
    );
  });

  it('goes back step by step', () => {
    const ledger = [
      entry(1, { modelId: 'a' }),
      entry(2, { modelId: 'b' }),
      entry(3, { modelId: 'c' }),
      entry(4, { modelId: 'b', kind: 'rolled-back' }),
    ];
    expect(championsOf('spot-price', ledger)).toEqual(['a', 'b']);
  });
});
