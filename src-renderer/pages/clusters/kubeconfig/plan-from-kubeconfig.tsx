import { useLocation } from 'wouter';
import { api } from '../../../../common/contracts/index.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { useRead } from '../../../connection/use-call.ts';

/** The way to plans from kubeconfigs; only where this engine may read them. */
export function PlanFromKubeconfig() {
  const [, go] = useLocation();
  const { data } = useRead(api.contextPlans.contextPlanning, {});
  if (data?.allowed !== true) return null;
  return (
    <RoleButton
      needs="operator"
      variant="default"
      label="Plan from a kubeconfig"
      onClick={() => go('/clusters/kubeconfig')}
    />
  );
}
