import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Plan, PlanTarget } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { MoneyText, SavingText } from '../../components/money-text.tsx';
import { formatPercent } from '../../components/number-text.ts';
import { GivesBack } from './gives-back.tsx';

/** The sum that a plan is made of, line by line, with a bar for what is paid now and after. */
export function PlanCost({ plan }: { readonly plan: Plan }) {
  if (plan.resize)
    return (
      <Text component="div">
        <GivesBack resize={plan.resize} /> of the prices of its nodes. No node goes, so the bill stays until
        packing removes some; what that saves is counted there.
      </Text>
    );
  const { cost, remove, add } = plan;
  const hour = (value: number) => <MoneyText value={value} per="hour" />;
  return (
    <>
      <CostBars plan={plan} />
      <Table mt="sm" verticalSpacing={5} aria-label="Cost of the plan">
        <Table.Tbody>
          <Line name="Now" note={countedMachines(remove)} value={hour(cost.nowMicroUsdPerHour)} />
          <Line name="After" note={afterNote(plan)} value={<>− {hour(cost.afterMicroUsdPerHour)}</>} />
          <Line
            name="Risk"
            note={`up to ${formatPercent(Math.max(0, ...add.map(one => one.interruptionMaxPercentPerMonth)))} interruptions a month × restart cost`}
            value={<>− {hour(cost.riskMicroUsdPerHour)}</>}
          />
          <Line
            name="Saving"
            note={<>{hour(cost.savingMicroUsdPerHour)}, 730 hours a month</>}
            value={<SavingText perHour={cost.savingMicroUsdPerHour} />}
          />
          <Line
            name="Once"
            note={
              cost.paybackMs === null
                ? 'old and new nodes run while pods move'
                : `old and new nodes run while pods move; paid back in ${formatDuration(cost.paybackMs)}`
            }
            value={<MoneyText value={cost.switchingMicroUsd} />}
          />
        </Table.Tbody>
      </Table>
    </>
  );
}

function Line({
  name,
  note,
  value,
}: {
  readonly name: string;
  readonly note: ReactNode;
  readonly value: ReactNode;
}) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={80} fw={560}>
        {name}
      </Table.Th>
      <Table.Td c="dimmed">{note}</Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        {value}
      </Table.Td>
    </Table.Tr>
  );
}

function CostBars({ plan }: { readonly plan: Plan }) {
  const { nowMicroUsdPerHour, afterMicroUsdPerHour, riskMicroUsdPerHour } = plan.cost;
  const share = (value: number) => `${(100 * value) / Math.max(1, nowMicroUsdPerHour)}%`;
  const bar = { height: 12, borderRadius: 3 };
  return (
    <div aria-hidden style={{ display: 'grid', gap: 5 }}>
      <div style={{ ...bar, width: '100%', background: 'var(--co-on-demand)' }} />
      <div style={{ display: 'flex', gap: 2 }}>
        <div style={{ ...bar, width: share(afterMicroUsdPerHour), background: 'var(--co-spot)' }} />
        <div style={{ ...bar, width: share(riskMicroUsdPerHour), background: 'var(--co-risk)' }} />
        <div style={{ ...bar, flex: 1, border: '1.5px dashed var(--co-saving)', boxSizing: 'border-box' }} />
      </div>
      <div className="co-legend" style={{ fontSize: '0.75rem' }}>
        <span>above: now</span>
        <span>below: after (blue), risk (orange), saving (dashed)</span>
      </div>
    </div>
  );
}

function afterNote({ add }: Plan): string {
  if (add.length === 0) return 'no node comes; the pods find room on nodes that run';
  const price = add.reduce((sum, one) => sum + one.priceMicroUsdPerHour, 0);
  const by = [...new Set(add.map(one => one.forecastBy))].join(', ');
  return `${countedMachines(add)}; price now ${hourText(price)}, expected by ${by}`;
}

/** `2 × m6i.large, spot, us-east-1a`, the most frequent first. */
function countedMachines(
  machines: readonly Pick<PlanTarget, 'instanceType' | 'capacityType' | 'zone'>[],
): string {
  const groups = Map.groupBy(machines, one => `${one.instanceType}, ${one.capacityType}, ${one.zone}`);
  return [...groups]
    .toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([words, { length }]) => (length === 1 ? words : `${length} × ${words}`))
    .join('; ');
}

function hourText(microUsdPerHour: number): string {
  return `$${(microUsdPerHour / 1e6).toFixed(4)}/h`;
}
