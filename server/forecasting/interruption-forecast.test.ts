import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import { linearModel } from '../../tests/support/linear-model.ts';
import { NOW_MS, openForecastingWorld, poolOf, pools } from './forecasting-world.fixture.ts';
import { randomSamples } from './random-samples.fixture.ts';

const CLUSTER = 'cluster-a';
const keys = pools.map(poolKey);
/** The price of a pool says how risky it is, and does not move. */
const priceOf = (place: number) => 100_000 * (place + 1);
const truthOf = (place: number) => 1 / (1 + Math.exp(7 - (10 * priceOf(place)) / 1e6));

const logistic = (bias: number) => linearModel([{ name: 'p', weights: [10], bias, isLogistic: true }]);
const manifest = {
  task: 'interruption' as const,
  target: 'probability' as const,
  features: [{ name: 'last_price_usd' }],
};

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
let good: string;
let bad: string;
let interruptions = 0;

/** Thirty days of ten nodes in each pool, as clusters would report them. */
async function live(): Promise<void> {
  const { uniform } = randomSamples(2);
  let made = 0;
  const startNode = (place: number) => {
    made++;
    return { place, uid: `uid-${made}`, name: `node-${made}`, pool: keys[place] ?? '' };
  };
  let nodes = keys.flatMap((_, place) => Array.from({ length: 10 }, () => startNode(place)));
  for (let atMs = NOW_MS - 30 * MS_PER_DAY; atMs < NOW_MS; atMs += 3 * MS_PER_HOUR) {
    world.time.nowMs = atMs;
    await world.forecasting.observeSpotNodes(CLUSTER, nodes as never);
    const taken = nodes.filter(({ place }) => uniform() < 1 - (1 - truthOf(place)) ** (3 / 24));
    const drained = nodes.filter(node => !taken.includes(node) && uniform() < 0.01);
    const notices = taken.map(({ name }) => ({
      clusterId: CLUSTER,
      nodeName: name,
      atMs: atMs - 1 + 60_000,
    }));
    world.time.nowMs = atMs + 60_000;
    interruptions += await world.forecasting.recordInterruptions(notices);
    expect(await world.forecasting.recordInterruptions(notices)).toBe(0);
    nodes = nodes.map(node =>
      taken.includes(node) || drained.includes(node) ? startNode(node.place) : node,
    );
  }
  world.time.nowMs = NOW_MS;
  await world.forecasting.observeSpotNodes(CLUSTER, nodes as never);
}

beforeAll(async () => {
  world = await openForecastingWorld(priceOf);
  await live();
  good = await world.registerFile(logistic(-7), { ...manifest, name: 'Good' });
  bad = await world.registerFile(logistic(-2), { ...manifest, name: 'Bad' });
});
afterAll(() => world.close());

const [riskless = '', , , , , riskiest = ''] = keys;

describe('a model for interruptions', () => {
  it('is judged by what became of the nodes that ran: better than base rate and persistence, or not', async () => {
    const { risk, serving, task, comparedUntilMs } = await world.forecasting.summary(good);
    expect({ serving, task, comparedUntilMs }).toEqual({
      serving: 'model',
      task: 'interruption',
      comparedUntilMs: NOW_MS,
    });
    expect(risk?.verdict).toBe('better');
    expect(risk?.baseRate.skill).toBeGreaterThan(0.05);
    expect(risk?.persistence.skill).toBeGreaterThan(0);
    expect(risk?.censored).toBeGreaterThan(100);
    expect(risk?.interruptions).toBeLessThanOrEqual(interruptions);
    expect(risk?.interruptions).toBeGreaterThan(interruptions * 0.8);
    // Only m5.large has a band: two of the six pools.
    expect(risk?.advisor?.points).toBeGreaterThan(400);
    for (const { predicted, observed, nodes } of risk?.calibration ?? []) {
      if (nodes > 2_000) expect(Math.abs(observed - predicted)).toBeLessThan(0.05);
    }
    const other = await world.forecasting.summary(bad);
    expect(other).toMatchObject({ serving: 'advisor', risk: { verdict: 'no-better' }, evaluation: null });
    expect(api.forecasts.evaluateModel.response.parse(JSON.parse(JSON.stringify(other)))).toEqual(other);
  });

  it('serves decisions once it is champion and was found better; until then the advisor does', async () => {
    const ask = () => world.forecasting.interruptionRisks([...pools, poolOf('us-east-1a', 'm9.large')]);
    expect([...(await ask()).values()].map(risk => risk.source)).toEqual(['advisor', 'advisor']);
    await world.models.activate(bad, 'ann');
    expect([...(await ask()).values()].map(risk => risk.source)).toEqual(['advisor', 'advisor']);
    await world.models.activate(good, 'ann');
    const risks = await ask();
    expect(risks.size).toBe(6);
    const risk = risks.get(riskiest as never);
    expect(risk).toMatchObject({ source: 'model', horizonHours: 24, provenance: { source: 'Good 1.0.0' } });
    expect(risk?.probability).toBeCloseTo(truthOf(5), 12);
    expect(risk?.maxPercentPerMonth).toBeCloseTo((1 - (1 - truthOf(5)) ** 30) * 100, 9);
  });

  it('answers for pools by its name, whatever its verdict, and names what it follows from', async () => {
    const { modelId, risks, hashes } = await world.forecasting.predictRisks(bad, [
      riskiest,
      'a/b/c/Linux/UNIX',
    ]);
    expect(modelId).toBe(bad);
    expect(hashes?.data).toMatch(/^[0-9a-f]{64}$/);
    expect(risks[0]?.probability).toBeCloseTo(1 / (1 + Math.exp(-4)), 12);
    expect(risks[1]).toEqual({
      pool: 'a/b/c/Linux/UNIX',
      maxPercentPerMonth: null,
      source: null,
      probability: null,
      horizonHours: null,
      provenance: null,
    });
    await expect(world.forecasting.predictRisks(bad, ['m5.large'])).rejects.toMatchObject({
      code: 'input.invalid',
    });
  });

  it('is recomputed to the bit', async () => {
    for (const key of keys) {
      for (const hours of [0, 24, 240]) {
        const again = await world.forecasting.recompute(good, key, NOW_MS - hours * MS_PER_HOUR);
        expect(again).toMatchObject({ verdict: 'equal', keptPriceMicroUsdPerHour: null });
        expect(again.keptProbability).toBe(again.recomputedProbability);
        expect(api.forecasts.recomputePrediction.response.parse(JSON.parse(JSON.stringify(again)))).toEqual(
          again,
        );
      }
    }
  });

  it('shows each pool with what the advisor says and what was seen there', async () => {
    const lines = await world.forecasting.riskLines(good);
    expect(lines.map(line => line.pool)).toEqual(keys.toSorted());
    expect(lines.reduce((sum, line) => sum + line.interruptions, 0)).toBe(interruptions);
    const line = lines.find(({ pool }) => pool === riskless);
    expect(line?.nodeHours).toBeGreaterThan(6_500);
    expect(line?.nodeHours).toBeLessThanOrEqual(7_200);
    expect(line?.advisorProbability).toBeCloseTo(1 - 0.78 ** (1 / 30), 12);
  });

  it('is not asked for prices, nor one of prices for risks', async () => {
    const refused = {
      code: 'input.invalid',
      message: '"Good" is a model for interruption, not for spot-price.',
    };
    await expect(world.forecasting.predict(good, undefined)).rejects.toMatchObject(refused);
    await expect(world.forecasting.forecastLines(good)).rejects.toMatchObject(refused);
    const ridge = await world.register('spot-price-ridge');
    await expect(world.forecasting.predictRisks(ridge, keys)).rejects.toMatchObject({
      code: 'input.invalid',
    });
    await expect(world.forecasting.riskLines(ridge)).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('is compared in no experiment, and has no gate against the last price', async () => {
    const order = { challengerId: bad, mode: 'shadow', challengerShare: 0.5, alpha: 0.05 } as never;
    await expect(world.models.startExperiment(order, 'ann')).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('experiments compare price forecasts'),
    });
    await world.run(good);
    expect(world.breaches).toEqual([]);
    expect((await world.forecasting.summary(good)).drift?.residuals).toBeNull();
  });
});

describe('Spot nodes', () => {
  const seen = async () => (await world.parts.nodes.seenSince(0)).filter(node => node.clusterId === 'b');
  const observe = (nowMs: number, ...uids: string[]) => {
    world.time.nowMs = nowMs;
    return world.forecasting.observeSpotNodes(
      'b',
      uids.map(uid => ({ uid, name: `${uid}.internal`, pool: riskless as never })),
    );
  };
  const minutes = (count: number) => NOW_MS + count * 60_000;

  it('run until they were last seen; one that comes back was never gone', async () => {
    await observe(minutes(0), 'x', 'y');
    await observe(minutes(10), 'x', 'y');
    await observe(minutes(20), 'x');
    expect((await seen()).map(({ uid, untilMs }) => [uid, untilMs])).toEqual([
      ['x', minutes(20)],
      ['y', minutes(10)],
    ]);
    await observe(minutes(30), 'x', 'y');
    expect((await seen()).map(({ untilMs }) => untilMs)).toEqual([minutes(30), minutes(30)]);
  });

  it('that were interrupted stay so while they are still seen, and also when the notice comes after they are gone', async () => {
    const notice = (nodeName: string, atMs: number) =>
      world.forecasting.recordInterruptions([{ clusterId: 'b', nodeName, atMs }]);
    expect(await notice('x.internal', minutes(30))).toBe(1);
    await observe(minutes(40), 'x', 'y');
    expect((await world.parts.nodes.seenSince(minutes(35))).map(({ uid }) => uid)).toEqual(['y']);
    await observe(minutes(50));
    expect(await notice('y.internal', minutes(42))).toBe(1);
    expect((await seen()).map(({ untilMs, interruptedMs }) => [untilMs, interruptedMs])).toEqual([
      [minutes(30), minutes(30)],
      [minutes(42), minutes(42)],
    ]);
    expect(await notice('z.internal', minutes(42))).toBe(0);
  });
});
