import type { Plan } from '../../../../common/contracts/index.ts';
import { DataTable } from '../../../components/data-table.tsx';
import { PlanSteps } from '../plan-steps.tsx';
import { FEW_STEPS } from '../steps-in-sight.ts';
import { stepColumns } from './step-columns.tsx';

/** All steps of a plan: told one by one, or as a table to search where they are many. */
export function StepsPanel({ plan }: { readonly plan: Plan }) {
  return plan.steps.length > FEW_STEPS ? (
    <DataTable
      label="Steps of the plan"
      rows={plan.steps}
      rowKey={({ index }) => String(index)}
      columns={stepColumns}
      initialSort={{ id: 'step', desc: false }}
    />
  ) : (
    <div style={{ padding: 16 }}>
      <PlanSteps plan={plan} />
    </div>
  );
}
