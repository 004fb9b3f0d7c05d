import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hpaFixedPoint, type ScaledLoad } from './hpa-fixed-point.ts';

const load = fc.record<ScaledLoad>({
  request: fc.double({ min: 10, max: 10_000, noNaN: true }),
  load: fc.double({ min: 10, max: 50_000, noNaN: true }),
  target: fc.double({ min: 0.2, max: 1.2, noNaN: true }),
  minReplicas: fc.integer({ min: 1, max: 5 }),
  maxReplicas: fc.integer({ min: 5, max: 30 }),
  margin: fc.double({ min: 1.02, max: 1.5, noNaN: true }),
});

/** Kubernetes, HPA algorithm: ⌈replicas × use / target⌉ within bounds, and none within 10 % of the target. */
function literalReplicas(of: ScaledLoad, request: number, replicas: number): number {
  const ratio = of.load / replicas / request / of.target;
  if (Math.abs(ratio - 1) <= 0.1) return replicas;
  return Math.min(of.maxReplicas, Math.max(of.minReplicas, Math.ceil(replicas * ratio)));
}

it('where it rests, the literal algorithm of Kubernetes stays at its replicas, and pods ask for no less than they use', () => {
  let rested = 0;
  fc.assert(
    fc.property(load, of => {
      const point = hpaFixedPoint(of);
      if (!point.rests) return;
      rested++;
      expect(literalReplicas(of, point.request, point.replicas)).toBe(point.replicas);
      expect(point.request).toBeGreaterThanOrEqual((of.load / point.replicas) * (1 - 1e-9));
    }),
    { numRuns: 2000 },
  );
  expect(rested).toBeGreaterThan(100);
});

it('refuses with the gain wherever replicas follow the load', () => {
  // 700 m on 1,000 m at 70 % and 5 pods: each pod uses 70 % of whatever is asked for.
  const followed = { request: 1000, load: 3500, target: 0.7, minReplicas: 1, maxReplicas: 10, margin: 1.15 };
  expect(hpaFixedPoint(followed)).toMatchObject({ rests: false, gain: expect.closeTo(1, 6) });
});

it('never adds replicas where they are at their fewest', () => {
  fc.assert(
    fc.property(load, of => {
      if (of.load / (of.target * of.request) > of.minReplicas * 0.99) return;
      const point = hpaFixedPoint(of);
      expect(point).toMatchObject({ rests: true, replicas: of.minReplicas });
    }),
  );
});

it('rests at the most replicas where more would be wanted', () => {
  const short = { request: 100, load: 9000, target: 0.5, minReplicas: 1, maxReplicas: 10, margin: 1.2 };
  expect(hpaFixedPoint(short)).toEqual({ rests: true, request: 1080, replicas: 10, isHeldUp: false });
});
