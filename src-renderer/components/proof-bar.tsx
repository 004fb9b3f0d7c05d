import { Text } from '@mantine/core';
import type { PlanProof } from '../../common/contracts/index.ts';
import { MoneyText } from './money-text.tsx';
import { formatPercent } from './number-text.ts';

/** Cost of the cluster now, with the plan, and the bound that nothing can undercut: all from zero, to one scale. */
export function ProofBar({ proof }: { readonly proof: PlanProof }) {
  const { nowMicroUsdPerHour, afterMicroUsdPerHour, lowerBoundMicroUsdPerHour } = proof;
  const most = Math.max(1, nowMicroUsdPerHour, afterMicroUsdPerHour);
  const left = afterMicroUsdPerHour - lowerBoundMicroUsdPerHour;
  return (
    <>
      <dl
        style={{
          margin: 0,
          display: 'grid',
          gridTemplateColumns: 'max-content 1fr max-content',
          gap: '8px 12px',
        }}
      >
        <Line name="Now" value={nowMicroUsdPerHour} most={most} colour="var(--co-on-demand)" />
        <Line name="With this plan" value={afterMicroUsdPerHour} most={most} colour="var(--co-spot)" />
        <Line name="Lower bound" value={lowerBoundMicroUsdPerHour} most={most} colour="var(--co-unknown)" />
      </dl>
      <Text size="sm" c="dimmed" mt={10}>
        {left <= 0
          ? 'Nothing is left: no set of nodes that holds these pods is cheaper.'
          : `At most ${formatPercent((100 * left) / Math.max(1, afterMicroUsdPerHour))} of what is then paid could still be saved by any arrangement of these pods; much of it may not exist, because the bound ignores rules between pods.`}
      </Text>
    </>
  );
}

function Line(props: {
  readonly name: string;
  readonly value: number;
  readonly most: number;
  readonly colour: string;
}) {
  const { name, value, most, colour } = props;
  return (
    <>
      <dt>{name}</dt>
      <div aria-hidden style={{ alignSelf: 'center', height: 14 }}>
        <div
          style={{ width: `${(100 * value) / most}%`, height: '100%', borderRadius: 3, background: colour }}
        />
      </div>
      <dd style={{ margin: 0, textAlign: 'right' }}>
        <MoneyText value={value} per="hour" />
      </dd>
    </>
  );
}
