import { AppError } from '../../../../common/errors.ts';
import { regionOfZone } from '../../../market/index.ts';
import { type Recording, readRecordings, SHORTEST_STEP_MS } from '../recordings.ts';
import type { CapacityTrace } from './capacity-trace.ts';

/** How traces of availability are read. */
export interface TraceOptions {
  /** Nodes that must be there at once for capacity to count as there. */
  readonly nodes: number;
  /**
   * Micro-USD per hour where the file tells no price; NaN when nobody knows it, so that nothing can be had; `undefined` is
   * refused.
   */
  readonly spotOf: (zone: string, instanceType: string, atMs: number) => number | undefined;
  /** Micro-USD per hour of an instance type; `undefined` when unknown. */
  readonly onDemandOf: (region: string, instanceType: string) => number | undefined;
}

/**
 * Traces of capacity from recordings; see `readRecordings`. Zones of one region with the same type, start and step make one trace.
 * Where nobody looked, nothing can be had.
 * @throws AppError `input.invalid` naming what is missing or no number
 */
export function readTraces(text: string, fileName: string, options: TraceOptions): CapacityTrace[] {
  const groups = Map.groupBy(
    readRecordings(text, fileName),
    ({ zone, instanceType, startedMs, stepMs }) =>
      `${regionOf(zone)} ${instanceType} ${startedMs ?? 0} ${stepMs}`,
  );
  return [...groups].map(([name, group]) => traceOf(name, group, fileName, options));
}

function traceOf(
  name: string,
  pools: readonly Recording[],
  fileName: string,
  { nodes, spotOf, onDemandOf }: TraceOptions,
): CapacityTrace {
  const ticks = Math.min(...pools.map(pool => pool.nodes.length));
  const [first] = pools;
  const prices = pools.map(pool =>
    Float64Array.from({ length: ticks }, (_, tick) => {
      if (!((pool.nodes[tick] ?? 0) >= nodes)) return Number.NaN;
      const known = pool.price[tick] ?? Number.NaN;
      if (!Number.isNaN(known)) return known;
      const atMs = (pool.startedMs ?? 0) + tick * pool.stepMs;
      return spotOf(pool.zone, pool.instanceType, atMs) ?? missingPrice(fileName, pool.instanceType);
    }),
  );
  return {
    name,
    startMs: first?.startedMs ?? 0,
    stepMs: first?.stepMs ?? SHORTEST_STEP_MS,
    pools: pools.map(pool => `${pool.zone} ${pool.instanceType}`.trim()),
    spot: prices,
    onDemand: onDemandOf(regionOf(first?.zone ?? ''), first?.instanceType ?? '') ?? Number.NaN,
    horizonMs: first?.stepMs ?? SHORTEST_STEP_MS,
  };
}

function missingPrice(fileName: string, instanceType: string): never {
  throw new AppError('input.invalid', `"${fileName}" tells no price of ${instanceType}.`, {
    hint: 'Give a recording with a column price_usd, or prices of its pools; the command line also takes --spot-price, in USD per hour.',
  });
}

function regionOf(zone: string): string {
  return regionOfZone(zone) ?? zone;
}
