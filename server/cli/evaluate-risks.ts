import { basename } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { poolKey } from '../../common/units/index.ts';
import {
  backtestRisks,
  factsFrom,
  type MarketSlice,
  type RiskBacktestResult,
  readAvailability,
} from '../forecasting/index.ts';
import type { OpenForecaster } from './open-forecaster.ts';
import { nodesOf, usdOf } from './parse-values.ts';
import { type PolicyFlags, policyOrderOf } from './policy-flags.ts';
import type { ProgressLine } from './progress-line.ts';
import { openProgramCatalog, type PriceFlags, readPools } from './read-pools.ts';
import { readText } from './read-text.ts';

/** What is asked of recordings. */
export interface RiskFlags {
  readonly availability?: readonly string[];
  readonly nodes: string;
  readonly onlyAvailable?: boolean;
  readonly policy?: boolean;
  readonly spotPrice?: string;
  readonly onDemandPrice?: string;
}

interface TestedTimes {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly stepMs: number;
  readonly trainedUntilMs: number | undefined;
  readonly isEmbargoLifted: boolean;
}

/**
 * Tests a model of interruptions on recordings. Prices of their pools come from the files of prices, else from the recordings.
 * @throws AppError `input.invalid` naming what cannot be tested
 */
export async function evaluateRisks(
  opened: Extract<OpenForecaster, { task: 'interruption' }>,
  flags: RiskFlags & PolicyFlags & Omit<PriceFlags, 'prices'> & { readonly prices?: readonly string[] },
  times: TestedTimes,
  {
    signal,
    line,
    show,
  }: {
    readonly signal: AbortSignal;
    readonly line: ProgressLine;
    readonly show: (done: number, pools: number, points: number) => void;
  },
): Promise<RiskBacktestResult> {
  const nodes = nodesOf(flags.nodes);
  const spot = usdOf('--spot-price', flags.spotPrice);
  const onDemand = usdOf('--on-demand-price', flags.onDemandPrice);
  const files = (flags.availability ?? []).map(path => ({ name: basename(path), text: readText(path) }));
  const recorded = readAvailability(files, { product: flags.product, nodes });
  const types = new Set(flags.type);
  const availability = recorded.availability.filter(
    ({ pool }) => opened.isInScope(pool) && (types.size === 0 || types.has(pool.instanceType)),
  );
  if (availability.length === 0) {
    throw new AppError(
      'input.invalid',
      `None of the ${recorded.availability.length} recorded pools can be tested: the model is for ${opened.scopeText} pools${flags.type ? `, asked for are ${flags.type.join(', ')}` : ''}.`,
      { hint: 'Give recordings of the regions and types of the model, or another --product or --type.' },
    );
  }
  const tested = new Set(availability.map(({ pool }) => poolKey(pool)));
  const known = await pricesOf();
  const { market, notes } = known;
  const told = new Set(market.pools.map(({ pool }) => poolKey(pool)));
  const ofRecordings = recorded.prices.filter(({ pool }) => !told.has(poolKey(pool)));
  return backtestRisks(
    {
      ...times,
      forecaster: opened.forecaster,
      availability,
      market: { ...market, pools: [...market.pools, ...ofRecordings] },
      origins: flags.onlyAvailable ? 'available' : 'all',
      nodes,
      notes,
      policy: flags.policy ? { files, spot, onDemand, jobs: policyOrderOf(flags) } : undefined,
    },
    signal,
    (done, points) => show(done, availability.length, points),
  );

  async function pricesOf(): Promise<{ market: MarketSlice; notes: string[] }> {
    const { prices } = flags;
    if (prices === undefined) {
      const factsOf = factsFrom({ catalog: await openProgramCatalog(flags.data) });
      return { market: { pools: [], neighbours: [], factsOf }, notes: [] };
    }
    const subject = {
      forecaster: opened.forecaster,
      isInScope: (pool: Parameters<typeof poolKey>[0]) => tested.has(poolKey(pool)),
      scopeText: 'recorded',
    };
    return readPools({ ...flags, prices }, subject, signal, line);
  }
}
