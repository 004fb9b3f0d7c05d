import type { InterruptionForecast, Model, Provenance } from '../../common/contracts/index.ts';
import { type Pool, type PoolKey, poolKey } from '../../common/units/index.ts';
import type { Logger } from '../platform/index.ts';
import type { ForecastParts, MarketOfForecasts } from './forecast-parts.ts';
import { predictRisksNow } from './predict-now.ts';
import { monthlyPercentOf, probabilityOfMonthly } from './risk-baselines.ts';

/** How often instances of a pool are interrupted, and who says so. */
export interface InterruptionRisk {
  /** Part of nodes interrupted within 30 days: of a model, or the upper end of the advisor's band. */
  readonly maxPercentPerMonth: number;
  readonly source: 'model' | 'advisor';
  /** Within `horizonHours`; of a model only. */
  readonly probability: number | undefined;
  readonly horizonHours: number | undefined;
  readonly provenance: Provenance;
}

/** Upper end of the advisor's band; `undefined` where it is unknown: the advisor speaks of Linux and Windows. */
function advisorRisk({ catalog }: MarketOfForecasts, pool: Pool): InterruptionRisk | undefined {
  const { region, instanceType, product } = pool;
  const maxPercentPerMonth = catalog.interruptionMaxPercent(region, instanceType, product);
  if (maxPercentPerMonth === undefined) return undefined;
  return {
    maxPercentPerMonth,
    source: 'advisor',
    probability: undefined,
    horizonHours: undefined,
    provenance: catalog.riskProvenance,
  };
}

/**
 * What the advisor's band means for a horizon; `undefined` where it knows none, or only that it is above 20 % a month: a band
 * without an upper end says no probability.
 */
export function advisorProbability(
  market: MarketOfForecasts,
  pool: Pool,
  horizonHours: number,
): number | undefined {
  const percent = advisorRisk(market, pool)?.maxPercentPerMonth;
  return percent === undefined || percent >= 100 ? undefined : probabilityOfMonthly(percent, horizonHours);
}

/**
 * What decisions use: the champion for interruptions where it was found better than the base rate and persistence and knows the
 * pool's features, else the advisor. A pool of which neither knows anything is absent. A model that fails is replaced by the
 * advisor, and the log says so.
 */
export async function interruptionRisks(
  parts: ForecastParts,
  pools: readonly Pool[],
  log: Logger,
): Promise<{
  risks: Map<PoolKey, InterruptionRisk>;
  /** The model that answered, where one did. */
  made?: { readonly model: Model; readonly dataHash: string | null };
}> {
  const { market, models, runs } = parts;
  const risks = new Map<PoolKey, InterruptionRisk>();
  for (const pool of pools) {
    const risk = advisorRisk(market, pool);
    if (risk) risks.set(poolKey(pool), risk);
  }
  const model = await models.champion('interruption');
  const run = model && (await runs.lastRun(model.id));
  if (!model || run?.risk?.verdict !== 'better') return { risks };
  try {
    const { risks: own, dataHash } = await modelRisks(parts, model, pools);
    for (const [pool, risk] of own) risks.set(pool, risk);
    return { risks, made: { model, dataHash } };
  } catch (error) {
    log.warn({ err: error, model: model.id }, 'a model failed; the advisor serves instead');
    return { risks };
  }
}

/** What a model says of pools in its scope as of now; pools with unknown features are absent. */
export async function modelRisks(
  parts: ForecastParts,
  model: Model,
  pools: readonly Pool[],
): Promise<{ risks: Map<PoolKey, InterruptionRisk>; dataHash: string | null }> {
  const { made, dataHash } = await predictRisksNow(parts, model, pools);
  const { name, version, horizonHours } = model.manifest;
  const risks = made.map(({ pool, probability, madeAt }): [PoolKey, InterruptionRisk] => [
    pool,
    {
      maxPercentPerMonth: monthlyPercentOf(probability, horizonHours),
      source: 'model',
      probability,
      horizonHours,
      provenance: { source: `${name} ${version}`, asOf: madeAt },
    },
  ]);
  return { risks: new Map(risks), dataHash };
}

/** A risk as it is told; `null` all over when it is unknown. */
export function shownRisk(pool: string, risk: InterruptionRisk | undefined): InterruptionForecast {
  return {
    pool,
    maxPercentPerMonth: risk?.maxPercentPerMonth ?? null,
    source: risk?.source ?? null,
    probability: risk?.probability ?? null,
    horizonHours: risk?.horizonHours ?? null,
    provenance: risk?.provenance ?? null,
  };
}
