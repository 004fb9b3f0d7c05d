import { Alert, List, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { PackingPlan } from '../../../../common/contracts/index.ts';
import { HOURS_PER_MONTH } from '../../../../common/units/index.ts';
import { BlockedTable } from '../../../components/blocked-table.tsx';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Figures } from '../../../components/figures.tsx';
import { MoneyText } from '../../../components/money-text.tsx';
import { counted, formatCount, formatPercent } from '../../../components/number-text.ts';
import { ProofBar } from '../../../components/proof-bar.tsx';
import { changedNodes, moveColumns, nodeColumns, waveColumns } from './plan-columns.tsx';

/** What a plan of a snapshot says: dollars and bound, the nodes, the moves, the waves, and why nodes stay. */
export function PlanParts({ plan }: { readonly plan: PackingPlan }) {
  const nodes = useMemo(() => changedNodes(plan), [plan]);
  const blocked = useMemo(
    () =>
      plan.blocked.map(({ node, reasons }) => ({
        node,
        reasons: reasons.map(({ savesUsdMonth, ...reason }) => ({
          ...reason,
          savesMicroUsdPerHour:
            savesUsdMonth === null ? null : Math.round((savesUsdMonth * 1e6) / HOURS_PER_MONTH),
        })),
      })),
    [plan],
  );
  return (
    <>
      <PlanFigures plan={plan} />
      <Notes plan={plan} />
      <Card title="What is left to gain">
        <ProofBar
          proof={{
            nowMicroUsdPerHour: micro(plan.before.costUsdHour),
            afterMicroUsdPerHour: micro(plan.after.costUsdHour),
            lowerBoundMicroUsdPerHour: micro(plan.lowerBoundUsdHour),
          }}
        />
      </Card>
      <Card title="The plan" padded={false}>
        <Tabs defaultValue="stay" keepMounted={false}>
          <Tabs.List px="md">
            <Tabs.Tab value="stay">Nodes that stay ({formatCount(blocked.length)})</Tabs.Tab>
            <Tabs.Tab value="nodes">Nodes that go and come ({formatCount(nodes.length)})</Tabs.Tab>
            <Tabs.Tab value="moves">Moves ({formatCount(plan.moves.length)})</Tabs.Tab>
            <Tabs.Tab value="waves">Waves ({formatCount(plan.waves.length)})</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="stay">
            <BlockedTable blocked={blocked} label="Nodes that stay" empty="No node has to stay." />
          </Tabs.Panel>
          <Tabs.Panel value="nodes">
            <DataTable
              label="Nodes that go and come"
              rows={nodes}
              rowKey={({ name }) => name}
              columns={nodeColumns}
              initialSort={{ id: 'fate', desc: true }}
              empty={<Nothing text="No node goes or comes: this is the cheapest that was found." />}
            />
          </Tabs.Panel>
          <Tabs.Panel value="moves">
            <DataTable
              label="Moves"
              rows={plan.moves}
              rowKey={({ pod }) => pod}
              columns={moveColumns}
              empty={<Nothing text="No pod moves." />}
            />
          </Tabs.Panel>
          <Tabs.Panel value="waves">
            <DataTable
              label="Waves"
              rows={plan.waves.map((wave, index) => ({ ...wave, number: index + 1 }))}
              rowKey={({ number }) => String(number)}
              columns={waveColumns}
              tools={false}
              empty={<Nothing text="Nothing is to be done." />}
            />
          </Tabs.Panel>
        </Tabs>
      </Card>
    </>
  );
}

function PlanFigures({ plan }: { readonly plan: PackingPlan }) {
  const { before, after, unknownPrices, gap } = plan;
  return (
    <Figures
      figures={[
        {
          label: 'Would save',
          value: <MoneyText value={Math.round(plan.savesUsdMonth * 1e6)} />,
          below: 'a month',
          tone: plan.savesUsdMonth > 0 ? 'saving' : undefined,
        },
        {
          label: 'Cost now',
          value: <MoneyText value={micro(before.costUsdHour)} per="hour" />,
          below:
            unknownPrices.length === 0
              ? counted(before.nodes, 'node')
              : `without ${counted(unknownPrices.length, 'node')} of unknown price`,
        },
        {
          label: 'With this plan',
          value: <MoneyText value={micro(after.costUsdHour)} per="hour" />,
          below: counted(after.nodes, 'node'),
        },
        {
          label: 'Lower bound',
          value: <MoneyText value={micro(plan.lowerBoundUsdHour)} per="hour" />,
          below:
            gap === null
              ? 'nothing can be bounded'
              : `the plan is ${formatPercent(100 * gap)} above it at most`,
        },
      ]}
    />
  );
}

/** What the plan does not know or cannot keep, above everything that rests on it. */
function Notes({ plan }: { readonly plan: PackingPlan }) {
  const reasons = Map.groupBy(plan.unknownPrices, ({ reason }) => reason);
  const notes = [
    ...plan.warnings,
    ...[...reasons].map(
      ([reason, nodes]) =>
        `${counted(nodes.length, 'node')} of unknown price ${nodes.length === 1 ? 'stays and is' : 'stay and are'} in no sum: ${reason}.`,
    ),
    ...plan.unplaced.map(
      ({ pods, count, reason }) => `${formatCount(count)} × ${pods} cannot be placed. ${reason}`,
    ),
    ...plan.brokenPreferences.map(
      ({ pods, kind, count }) => `${formatCount(count)} × ${pods} would rather have it otherwise: ${kind}.`,
    ),
  ];
  if (notes.length === 0) return null;
  return (
    <Alert
      icon={<IconAlertTriangle size={20} />}
      title="What to know about this plan"
      color="orange"
      variant="light"
      styles={{ title: { color: 'var(--co-risk-text)' }, icon: { color: 'var(--co-risk-text)' } }}
    >
      <List size="sm">
        {notes.map(note => (
          <List.Item key={note}>{note}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Nothing({ text }: { readonly text: string }) {
  return (
    <Text c="dimmed" ta="center" py="lg">
      {text}
    </Text>
  );
}

function micro(usd: number): number {
  return Math.round(usd * 1e6);
}
