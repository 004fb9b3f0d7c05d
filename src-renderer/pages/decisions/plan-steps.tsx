import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { Plan, PlanStep } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { counted, formatCount } from '../../components/number-text.ts';
import { StepMark } from './step-mark.tsx';
import { stepWords } from './step-words.ts';
import { FEW_STEPS, stepsInSight } from './steps-in-sight.ts';

/** More steps at each wish. */
const MORE = 200;

/** The steps of a plan with where each stands; of a long one, those of the present, and more as they are wanted. */
export function PlanSteps({ plan: { steps, remove } }: { readonly plan: Plan }) {
  const [wanted, setWanted] = useState(FEW_STEPS);
  const { shown, before, after } = stepsInSight(steps, wanted);
  const left = before + after;
  return (
    <>
      {before > 0 ? <Hidden count={before} where="before these" /> : null}
      <ol style={{ margin: 0, padding: 0, listStyle: 'none', display: 'grid', gap: 10 }}>
        {shown.map(step => (
          <Step key={step.index} step={step} isOneOfMany={remove.length > 1} />
        ))}
      </ol>
      {after > 0 ? <Hidden count={after} where="after these" /> : null}
      {left > 0 ? (
        <Button variant="default" size="xs" mt={8} onClick={() => setWanted(wanted + MORE)}>
          Show {formatCount(Math.min(MORE, left))} more of {formatCount(steps.length)} steps
        </Button>
      ) : null}
    </>
  );
}

function Step({ step, isOneOfMany }: { readonly step: PlanStep; readonly isOneOfMany: boolean }) {
  return (
    <li style={{ display: 'flex', gap: 10 }}>
      <span style={{ lineHeight: 0, paddingTop: 2, width: 20 }}>
        <StepMark state={step.state} />
      </span>
      <div>
        <Text>
          {isOneOfMany && step.node ? `${step.node.name} · ` : ''}
          {step.pod ? `${step.pod.name} · ` : ''}
          {stepWords(step)}
        </Text>
        <Text size="sm" c={step.state === 'failed' ? 'var(--co-risk-text)' : 'dimmed'}>
          {step.state}
          {step.startedAt !== null && step.endedAt !== null
            ? ` in ${formatDuration(step.endedAt - step.startedAt)}`
            : ''}
          {step.detail === null ? '' : `: ${step.detail}`}
        </Text>
      </div>
    </li>
  );
}

function Hidden({ count, where }: { readonly count: number; readonly where: string }) {
  return (
    <Text size="sm" c="dimmed" my={6}>
      {counted(count, 'step')} {where}
    </Text>
  );
}
