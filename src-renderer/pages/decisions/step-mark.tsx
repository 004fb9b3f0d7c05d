import { Loader } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled, IconCircleMinus, IconCircleXFilled } from '@tabler/icons-react';
import type { PlanStep } from '../../../common/contracts/index.ts';

/** Where a step stands, as a picture beside the word. */
export function StepMark({ state }: { readonly state: PlanStep['state'] }) {
  if (state === 'running') return <Loader size={18} aria-hidden />;
  if (state === 'done') return <IconCircleCheckFilled size={20} color="var(--co-saving)" aria-hidden />;
  if (state === 'failed') return <IconCircleXFilled size={20} color="var(--co-risk)" aria-hidden />;
  if (state === 'skipped') return <IconCircleMinus size={20} color="var(--co-unknown)" aria-hidden />;
  return <IconCircle size={20} color="var(--co-unknown)" aria-hidden />;
}
