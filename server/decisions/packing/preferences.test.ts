import { describe, expect, it } from 'vitest';
import { kubernetesCase } from './kubernetes-case.ts';
import { packProblem } from './pack-problem.ts';
import type { PackingAnswer } from './packing-answer.ts';
import {
  anywhere,
  HOSTNAME_LABEL,
  type Offer,
  type PackingProblem,
  type PodClass,
  type PodRules,
  type PodTerm,
  ZONE_LABEL,
} from './problem.ts';
import { randomCluster } from './random-cluster.fixture.ts';
import { missedPreferences } from './scheduler-rules.ts';

const GIB = 2 ** 30;
const search = { solve: undefined, seed: 1, shouldStop: () => false, patience: 0 };
const CLUSTERS = 3_000;

/** Four cores in a zone. */
function offer(zone: string, priceMicroUsdPerHour: number): Offer {
  return {
    instanceType: 'm',
    zone,
    capacityType: 'on-demand',
    labels: { [ZONE_LABEL]: zone },
    taints: [],
    allocatable: { cpuMilli: 4000, memoryBytes: 16 * GIB, extended: {} },
    podLimit: 20,
    priceMicroUsdPerHour,
  };
}

function pods(name: string, count: number, rules: Partial<PodRules> = {}, cpuMilli = 1000): PodClass {
  const requests = { cpuMilli, memoryBytes: GIB, extended: {} };
  return { name, count, requests, rules: { ...anywhere, labels: { app: name }, ...rules } };
}

function problemOf(classes: PodClass[], offers: Offer[]): PackingProblem {
  return { pods: classes, offers, daemonSets: [], existing: [], maxNodes: null };
}

const appTerm = (app: string, topologyKey: string): PodTerm => ({
  topologyKey,
  selector: { matchLabels: { app }, matchExpressions: [] },
  namespaces: ['default'],
});
const wish = <T>(term: T) => [{ weight: 10, term }];
const inZone = (zone: string) =>
  wish({ matchExpressions: [{ key: ZONE_LABEL, operator: 'In', values: [zone] } as const], matchFields: [] });
const none = anywhere.preferences;
const prefersB = { preferences: { ...none, nodeAffinity: inZone('b') } };

function zonesOf(problem: PackingProblem, { nodes }: PackingAnswer): (string | null)[] {
  return nodes
    .flatMap(({ source, count }) =>
      Array.from({ length: count }, () =>
        source.kind === 'offer' ? (problem.offers[source.offer]?.zone ?? null) : null,
      ),
    )
    .sort();
}

const brokenPods = ({ brokenPreferences }: PackingAnswer) =>
  brokenPreferences.reduce((sum, { count }) => sum + count, 0);

describe('preferences of pods', () => {
  it('decide among zones of the same price', () => {
    const problem = problemOf([pods('web', 8, prefersB)], [offer('a', 100_000), offer('b', 100_000)]);
    const answer = packProblem(problem, search);
    expect(zonesOf(problem, answer)).toEqual(['b', 'b']);
    expect(answer.brokenPreferences).toEqual([]);
  });

  it('are worth the tolerance and no more, and those that are broken are told', () => {
    const dearer = (price: number, tolerance?: number) => {
      const problem = problemOf([pods('web', 8, prefersB)], [offer('a', 100_000), offer('b', price)]);
      const answer = packProblem(problem, {
        ...search,
        ...(tolerance !== undefined && { preferenceTolerance: tolerance }),
      });
      return { zones: zonesOf(problem, answer), broken: answer.brokenPreferences };
    };
    expect(dearer(100_400)).toEqual({ zones: ['b', 'b'], broken: [] });
    const broken = [{ podClass: 0, kind: 'node affinity', count: 8 }];
    expect(dearer(101_000)).toEqual({ zones: ['a', 'a'], broken });
    expect(dearer(101_000, 0.02)).toEqual({ zones: ['b', 'b'], broken: [] });
    expect(dearer(100_400, 0)).toEqual({ zones: ['a', 'a'], broken });
  });

  it('leave no pod out, even one that no node pleases', () => {
    const nowhere = { preferences: { ...none, nodeAffinity: inZone('z') } };
    const answer = packProblem(problemOf([pods('web', 3, nowhere)], [offer('a', 100_000)]), search);
    expect(answer.unplaced).toEqual([]);
    expect(answer.brokenPreferences).toEqual([{ podClass: 0, kind: 'node affinity', count: 3 }]);
    // Nor does it stand in the way of others.
    const problem = problemOf(
      [pods('web', 2, nowhere), pods('api', 2, prefersB)],
      [offer('a', 100_000), offer('b', 100_000)],
    );
    expect(zonesOf(problem, packProblem(problem, search))).toEqual(['b']);
  });

  it('spread over zones where that costs nothing, and count the pods in excess where it does', () => {
    const spread: Partial<PodRules> = {
      topologySpread: [
        {
          topologyKey: ZONE_LABEL,
          maxSkew: 1,
          whenUnsatisfiable: 'ScheduleAnyway',
          minDomains: 1,
          selector: { matchLabels: { app: 'web' }, matchExpressions: [] },
          matchLabelKeys: [],
          nodeAffinityPolicy: 'Honor',
          nodeTaintsPolicy: 'Ignore',
        },
      ],
    };
    const equal = problemOf([pods('web', 8, spread)], [offer('a', 100_000), offer('b', 100_000)]);
    const even = packProblem(equal, search);
    expect(zonesOf(equal, even)).toEqual(['a', 'b']);
    expect(even.brokenPreferences).toEqual([]);
    const uneven = problemOf([pods('web', 8, spread)], [offer('a', 100_000), offer('b', 200_000)]);
    const answer = packProblem(uneven, search);
    expect(zonesOf(uneven, answer)).toEqual(['a', 'a']);
    // One may be in the zone more than in the empty one.
    expect(answer.brokenPreferences).toEqual([{ podClass: 0, kind: 'topology spread', count: 7 }]);
  });

  it('keep pods apart, and bring pods together, on nodes that are needed anyway', () => {
    const apart = (app: string) =>
      pods(app, 2, { preferences: { ...none, podAntiAffinity: wish(appTerm(app, HOSTNAME_LABEL)) } }, 2000);
    const problem = problemOf([apart('x'), apart('y')], [offer('a', 100_000)]);
    const answer = packProblem(problem, search);
    expect(answer.costMicroUsdPerHour).toBe(200_000);
    expect(answer.brokenPreferences).toEqual([]);

    const near = { preferences: { ...none, podAffinity: wish(appTerm('db', HOSTNAME_LABEL)) } };
    const classes = [pods('other', 1, {}, 3000), pods('db', 1, {}, 3000), pods('cache', 1, near)];
    const together = packProblem(problemOf(classes, [offer('a', 100_000)]), search);
    expect(together.costMicroUsdPerHour).toBe(200_000);
    expect(together.brokenPreferences).toEqual([]);
  });

  it('never cost a place or more than the tolerance, and are counted as the scheduler would, in random clusters', () => {
    let broken = 0;
    let pleased = 0;
    for (let seed = 1; seed <= CLUSTERS; seed++) {
      const problem = randomCluster(seed);
      if (!problem.pods.some(({ rules }) => isWishing(rules))) continue;
      const answer = packProblem(problem, search);
      const careless = packProblem(problem, { ...search, preferenceTolerance: 0 });
      const left = (of: PackingAnswer) => of.unplaced.reduce((sum, { count }) => sum + count, 0);
      expect(left(answer), `seed ${seed}`).toBeLessThanOrEqual(left(plain(problem)));
      if (left(answer) === left(careless)) {
        expect(answer.costMicroUsdPerHour, `seed ${seed}`).toBeLessThanOrEqual(
          careless.costMicroUsdPerHour * 1.005,
        );
      }
      broken += brokenPods(answer);
      pleased += missed(problem, plain(problem)).length - missed(problem, answer).length;
      const terms = answer.brokenPreferences.filter(({ kind }) => kind !== 'topology spread');
      expect(
        terms.reduce((sum, { count }) => sum + count, 0),
        `seed ${seed}`,
      ).toBe(missed(problem, answer).length);
    }
    expect(broken).toBeGreaterThan(100);
    expect(pleased).toBeGreaterThan(100);
  });
});

function isWishing({ preferences, topologySpread }: PodRules): boolean {
  return (
    Object.values(preferences).some(list => list.length > 0) ||
    topologySpread.some(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
  );
}

/** Packed as if nobody wished for anything. */
function plain(problem: PackingProblem): PackingAnswer {
  const wishless = problem.pods.map(pod => ({
    ...pod,
    rules: {
      ...pod.rules,
      preferences: none,
      topologySpread: pod.rules.topologySpread.filter(
        ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
      ),
    },
  }));
  return packProblem({ ...problem, pods: wishless }, search);
}

/** The independent count: what every pod of a placement misses, all others being there. */
function missed(problem: PackingProblem, answer: PackingAnswer): string[] {
  const { nodes, bound, pending, namespaces } = kubernetesCase(problem, answer);
  const all = [...bound, ...pending];
  return all.flatMap(pod => {
    const node = nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName);
    const others = all.filter(other => other !== pod);
    return node ? missedPreferences(pod, node, nodes, others, namespaces) : [];
  });
}
