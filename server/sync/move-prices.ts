import type { PriceStretch, SyncProgress } from '../../common/contracts/index.ts';
import { peers } from '../../common/contracts/peers.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { type CoveredStretch, type PriceExchange, uncovered } from '../market/index.ts';
import type { Clock } from '../platform/index.ts';
import type { PeerLink } from './peer-link.ts';

/** What moving prices needs. */
export interface MovePricesParts {
  readonly link: PeerLink;
  readonly prices: PriceExchange;
  readonly clock: Clock;
  readonly mayWrite: boolean;
  readonly signal: AbortSignal;
  readonly report: (progress: Omit<SyncProgress, 'part'>) => void;
}

/** So much of all pools of a region fits well into one answer and one commit. */
const SLICE_MS = 12 * MS_PER_HOUR;

/**
 * Brings prices to both sides by stretches of time that one side wholly knows and the other does not, the newest first. Rows need no numbers
 * of their own: what is there already is told by the coverage that is written in the commit of the rows. A sync that broke off goes on with what is not
 * covered yet.
 */
export async function movePrices(run: MovePricesParts): Promise<void> {
  const { link, prices, clock, signal } = run;
  const theirs = await link.call(peers.listStretches, {}, signal);
  const ours = await prices.covered();
  // Nobody knows the future; clocks may differ.
  const untilMs = Math.min(clock.now(), theirs.nowMs);
  const toFetch = slicesOf(theirs.stretches, ours, prices.keptSinceMs(), untilMs);
  const toSend = run.mayWrite ? slicesOf(ours, theirs.stretches, theirs.keptSinceMs, untilMs) : [];
  const all = toFetch.length + toSend.length;
  const report = (index: number, { region, toMs }: CoveredStretch) =>
    run.report({
      subject: `${region} until ${new Date(toMs).toISOString().slice(0, 16)}Z`,
      share: index / all,
    });
  const taken: CoveredStretch[] = [];
  try {
    for (const [index, slice] of toFetch.entries()) {
      signal.throwIfAborted();
      report(index, slice);
      const page = await link.call(peers.readPrices, { body: stretchAsBody(slice) }, signal);
      await prices.take(slice, page);
      taken.push(slice);
    }
  } finally {
    prices.announce(taken);
  }
  for (const [index, slice] of toSend.entries()) {
    signal.throwIfAborted();
    report(toFetch.length + index, slice);
    const { pools, poolOf, atS, priceMicroUsdPerHour } = await prices.read(slice);
    const page = {
      pools: pools.map(([zone, type]): [string, string] => [zone, type]),
      poolOf: [...poolOf],
      atS: [...atS],
      priceMicroUsdPerHour: [...priceMicroUsdPerHour],
    };
    const isLast = index === toSend.length - 1;
    await link.call(peers.addPrices, { body: { stretch: stretchAsBody(slice), page, isLast } }, signal);
  }
}

/** What `from` knows and `to` does not, within the time that counts, in slices; the newest first. */
function slicesOf(
  from: readonly CoveredStretch[],
  to: readonly CoveredStretch[],
  sinceMs: number,
  untilMs: number,
): CoveredStretch[] {
  const held = [...to];
  const slices: CoveredStretch[] = [];
  for (const stretch of from) {
    const within = {
      ...stretch,
      fromMs: Math.max(stretch.fromMs, sinceMs),
      toMs: Math.min(stretch.toMs, untilMs),
    };
    if (within.fromMs >= within.toMs) continue;
    for (const part of uncovered(within, held)) {
      held.push(part);
      for (let toMs = part.toMs; toMs > part.fromMs; toMs -= SLICE_MS)
        slices.push({ ...part, fromMs: Math.max(part.fromMs, toMs - SLICE_MS), toMs });
    }
  }
  return slices.sort((a, b) => b.toMs - a.toMs);
}

/** A stretch as it is sent. */
export function stretchAsBody({
  region,
  product,
  instanceTypes,
  fromMs,
  toMs,
}: CoveredStretch): PriceStretch {
  return { region, product, instanceTypes: [...instanceTypes], fromMs, toMs };
}
