import { Text } from '@mantine/core';
import { type AllocationReport, api } from '../../../common/contracts/index.ts';
import { moneyText } from '../../components/money-text.tsx';
import { formatShare, threeDigits } from '../../components/number-text.ts';
import { useRead } from '../../connection/use-call.ts';
import { partText } from './allocation-columns.tsx';
import type { SavingsRange } from './savings-range.ts';

interface Part {
  readonly name: string;
  readonly microUsd: number;
  readonly fill: string;
}

const HATCHED =
  'repeating-linear-gradient(45deg, var(--co-unknown) 0 3px, color-mix(in srgb, var(--co-unknown) 35%, transparent) 3px 7px)';

/** The whole cost as one bar: who held it, what nobody held; below it, what is not known. */
export function AllocationBar({ range }: { readonly range: SavingsRange }) {
  const { data } = useRead(
    api.savings.allocation,
    { query: { ...range.query, groupBy: 'kind' } },
    { keepLast: true, refetchMs: 60_000 },
  );
  if (data === undefined || (data.totalMicroUsd === 0 && data.unpriced.length === 0)) return null;
  const parts = partsOf(data);
  return (
    <div style={{ padding: '14px 16px 4px' }}>
      <Text size="sm" mb={8}>
        {data.totalMicroUsd === 0
          ? 'What the nodes cost is unknown: none has a known price.'
          : `${moneyText(data.totalMicroUsd)} for ${threeDigits(data.nodeHours)} node-hours.`}
      </Text>
      {data.totalMicroUsd === 0 ? null : (
        <>
          <div
            aria-hidden
            style={{ display: 'flex', gap: 2, height: 14, borderRadius: 4, overflow: 'hidden' }}
          >
            {parts.map(({ name, microUsd, fill }) => (
              <div key={name} style={{ flex: `${microUsd} 0 0`, background: fill }} />
            ))}
          </div>
          <div className="co-legend" style={{ marginTop: 8, flexWrap: 'wrap' }}>
            {parts.map(({ name, microUsd, fill }) => (
              <span key={name}>
                <span
                  aria-hidden
                  style={{
                    display: 'inline-block',
                    width: 12,
                    height: 12,
                    borderRadius: 3,
                    background: fill,
                    marginRight: 6,
                  }}
                />
                {name} {partText(microUsd, data.totalMicroUsd)}
              </span>
            ))}
          </div>
        </>
      )}
      <Unknowns report={data} />
    </div>
  );
}

function partsOf(report: AllocationReport): Part[] {
  const of = (kind: string): number => report.rows.find(row => row.key === kind)?.costMicroUsd ?? 0;
  return [
    { name: 'Workloads', microUsd: of('workload'), fill: 'var(--co-spot)' },
    { name: 'DaemonSets', microUsd: of('daemonset'), fill: 'var(--co-reserved)' },
    { name: 'System namespaces', microUsd: of('system'), fill: 'var(--co-on-demand)' },
    { name: 'GPU, holder not told', microUsd: report.gpuMicroUsd, fill: HATCHED },
    { name: 'Idle', microUsd: report.idle.cpuMicroUsd + report.idle.memoryMicroUsd, fill: 'var(--co-line)' },
  ].filter(({ microUsd }) => microUsd > 0);
}

/** What the figures leave out, and what would resolve it. */
function Unknowns({ report }: { readonly report: AllocationReport }) {
  const { unpriced, unseenHours, requestOnlyPodHours, podHours, allocatableOnlyNodeHours } = report;
  const lines = [
    ...unpriced.map(
      ({ reason, nodeHours }) => `${threeDigits(nodeHours)} node-hours without a price: ${reason}`,
    ),
    ...(unseenHours > 0.05
      ? [
          `${threeDigits(unseenHours)} cluster-hours unseen: the agent was away, or the engine off. Nothing is guessed.`,
        ]
      : []),
    ...(requestOnlyPodHours > 0
      ? [
          `${formatShare(requestOnlyPodHours / Math.max(podHours, requestOnlyPodHours))} of pod-time counts with requests alone: usage of some container was not measured then. It comes from the metrics server of the cluster.`,
        ]
      : []),
    ...(allocatableOnlyNodeHours > 0
      ? [
          `${threeDigits(allocatableOnlyNodeHours)} node-hours of types that the catalog does not know: what the system reserves is shared out, too. Refresh the catalog under Market.`,
        ]
      : []),
    ...(report.gpuMicroUsd > 0 ? ['Agents do not tell who holds GPUs: their part stands alone.'] : []),
  ];
  if (lines.length === 0) return null;
  return (
    <section aria-label="What is not known" style={{ marginTop: 10 }}>
      <Text size="sm" fw={600}>
        What is not known
      </Text>
      <ul style={{ margin: '2px 0 6px', paddingLeft: 20, fontSize: '0.8125rem', color: 'var(--co-muted)' }}>
        {lines.map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
