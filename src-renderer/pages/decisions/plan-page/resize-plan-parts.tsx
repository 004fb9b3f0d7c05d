import { Button, Code, CopyButton, Group, Tabs, Text } from '@mantine/core';
import type { Plan, PlanResize } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Figures } from '../../../components/figures.tsx';
import { moneyText } from '../../../components/money-text.tsx';
import { formatCount } from '../../../components/number-text.ts';
import { PlanSteps } from '../plan-steps.tsx';
import { ResizeChanges } from '../resize-changes.tsx';
import { resizePatch } from '../resize-patch.ts';
import { replacedColumns } from './move-columns.tsx';

/** The parts of a plan that changes what a workload asks for: figures, changes, pods, steps, and the change as a file. */
export function ResizePlanParts({ plan, resize }: { readonly plan: Plan; readonly resize: PlanResize }) {
  const patch = resizePatch(resize);
  const { givesBackMicroUsdPerHour: givesBack } = resize;
  return (
    <>
      <Figures
        figures={[
          {
            label: (givesBack ?? 0) < 0 ? 'Takes up' : 'Gives back',
            value: givesBack === null ? 'unknown' : moneyText(Math.abs(givesBack), 'month'),
            below: 'saved and counted when packing removes nodes',
          },
          {
            label: 'Pods',
            value: formatCount(resize.replicas),
            below: 'one first, in place; the others by their controller',
          },
          { label: 'Containers', value: formatCount(resize.containers.length), below: 'that change' },
          {
            label: 'Evidence',
            value: resize.hasFullEvidence ? 'complete' : 'partial',
            below: resize.hasFullEvidence
              ? 'a whole week with a weekend, or more'
              : 'less than a week: a policy does not start it',
            tone: resize.hasFullEvidence ? undefined : 'risk',
          },
        ]}
      />
      <Card title="What changes" padded={false}>
        <ResizeChanges resize={resize} />
      </Card>
      <section className="co-card" aria-label="Parts of the plan">
        <Tabs defaultValue="steps" keepMounted={false}>
          <Tabs.List px="md" pt={6}>
            <Tabs.Tab value="steps">Steps ({formatCount(plan.steps.length)})</Tabs.Tab>
            <Tabs.Tab value="pods">Pods ({formatCount(plan.pods.length)})</Tabs.Tab>
            <Tabs.Tab value="patch">For Git</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="steps">
            <div style={{ padding: 16 }}>
              <PlanSteps plan={plan} />
            </div>
          </Tabs.Panel>
          <Tabs.Panel value="pods">
            <DataTable
              label="Pods of the workload"
              rows={plan.pods}
              rowKey={pod => pod.uid}
              columns={replacedColumns}
              initialSort={{ id: 'pod', desc: false }}
            />
          </Tabs.Panel>
          <Tabs.Panel value="patch">
            <div style={{ padding: 16, display: 'grid', gap: 12 }}>
              <Group justify="space-between" align="flex-start">
                <Text maw={640}>
                  Where Argo CD, Flux or a pipeline keeps this workload, make the change there: what an agent
                  changes would be undone.
                </Text>
                <CopyButton value={patch}>
                  {({ copied, copy }) => (
                    <Button variant="default" size="xs" onClick={copy}>
                      {copied ? 'Copied' : 'Copy'}
                    </Button>
                  )}
                </CopyButton>
              </Group>
              <Code block>{patch}</Code>
            </div>
          </Tabs.Panel>
        </Tabs>
      </section>
    </>
  );
}
