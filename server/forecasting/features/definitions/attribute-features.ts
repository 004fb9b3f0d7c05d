import { familyOf, MICRO_USD_PER_USD, type Pool, quarterUnitsOf } from '../../../../common/units/index.ts';
import { type Feature, type FeatureGroup, fillWith } from '../feature.ts';
import type { PoolFacts } from '../market-slice.ts';

const MIB_PER_GIB = 1_024;
const always = { lookbackMs: 0, revision: 1, looksAtNeighbours: false } as const;

/** What the catalog and the name say of the instance type. */
export const attributeFeatures: FeatureGroup = {
  title: 'Instance type',
  features: [
    constant('vcpu', 'vCPU', 'vCPUs of the instance type', ({ vcpu }) => vcpu),
    constant('memory_gib', 'GiB', 'Memory of the instance type', ({ memoryMib }) =>
      memoryMib === undefined ? undefined : memoryMib / MIB_PER_GIB,
    ),
    constant(
      'memory_gib_per_vcpu',
      'GiB',
      'Memory of the instance type for each vCPU',
      ({ memoryMib, vcpu }) =>
        memoryMib === undefined || vcpu === undefined ? undefined : memoryMib / MIB_PER_GIB / vcpu,
    ),
    constant('gpu_count', 'count', 'GPUs of the instance type', ({ gpuCount }) => gpuCount),
    constant('is_arm64', '1', '1 for arm64, 0 for amd64', ({ arch }) =>
      arch === undefined ? undefined : Number(arch === 'arm64'),
    ),
    constant(
      'size_rank',
      '1',
      'Doublings of the size from nano (0): small is 2, large 4, 2xlarge 6; unknown for a bare `metal`',
      (_, pool) => {
        const units = quarterUnitsOf(pool.instanceType);
        return units === undefined ? undefined : Math.log2(units);
      },
    ),
    constant(
      'generation',
      '1',
      'Generation in the name of the family: 5 of m5d; unknown where it has none',
      (_, pool) => generationOf(pool.instanceType),
    ),
    constant('on_demand_usd', 'USD/h', 'The on-demand price', ({ onDemandMicroUsdPerHour: price }) =>
      price === undefined ? undefined : price / MICRO_USD_PER_USD,
    ),
    {
      ...always,
      name: 'interruption_max_percent',
      unit: '%',
      description:
        "Upper end of the Spot advisor's band of interruptions in 30 days. There is no history of it: unknown before the date of the snapshot on disk",
      fill: ({ timesMs, facts: { interruption } }, { values, start, step }) => {
        for (const [row, time] of timesMs.entries()) {
          const isKnown = interruption !== undefined && time >= interruption.knownSinceMs;
          values[start + row * step] = isKnown ? interruption.maxPercent : Number.NaN;
        }
      },
    },
  ],
};

function constant(
  name: string,
  unit: string,
  description: string,
  value: (facts: PoolFacts, pool: Pool) => number | undefined,
): Feature {
  return {
    ...always,
    name,
    unit,
    description,
    fill: (frame, column) => fillWith(value(frame.facts, frame.pool) ?? Number.NaN, frame, column),
  };
}

function generationOf(instanceType: string): number | undefined {
  const digits = /^[a-z]+(\d+)/.exec(familyOf(instanceType))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
