import { lazy, Suspense, useState } from 'react';
import type { FillProgress, Model } from '../../../../common/contracts/index.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { isGoing } from '../model-order.ts';

const FillGapDialog = lazy(() => import('../fill-gap-dialog.tsx').then(m => ({ default: m.FillGapDialog })));

/** Shows what a fill of a model's gap would fetch, and starts it. */
export function FillGapButton({
  model,
  fill,
}: {
  readonly model: Model;
  readonly fill: FillProgress | undefined;
}) {
  const [isAnalysing, setAnalysing] = useState(false);
  const isUsable = !['rejected', 'faulty'].includes(model.state);
  const why = isGoing(fill)
    ? 'It is being filled.'
    : isUsable
      ? undefined
      : `A ${model.state} model is not filled.`;
  return (
    <>
      <RoleButton
        needs="operator"
        label="Fill gap"
        variant={model.state === 'gap-open' ? 'filled' : 'default'}
        why={why}
        onClick={() => setAnalysing(true)}
      />
      <Suspense fallback={null}>
        {isAnalysing ? <FillGapDialog model={model} isOpen onClose={() => setAnalysing(false)} /> : null}
      </Suspense>
    </>
  );
}
