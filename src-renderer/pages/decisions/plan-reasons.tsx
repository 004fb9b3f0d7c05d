import type { Plan } from '../../../common/contracts/index.ts';

/** Why a plan is proposed, as its engine says it. */
export function PlanReasons({ reasons }: Pick<Plan, 'reasons'>) {
  return (
    <ul style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 4 }}>
      {reasons.map(({ code, text }) => (
        <li key={code + text}>{text}</li>
      ))}
    </ul>
  );
}
