import { Button, Menu } from '@mantine/core';
import { api } from '../../../common/contracts/index.ts';
import { useScope } from '../../app/scope.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useMay } from '../../connection/connection-context.ts';
import { useAct } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';

/** Runs the engine of a cluster: at once where one cluster is meant, else asks which. */
export function FindSavings() {
  const { clusterId } = useScope();
  const mayRun = useMay('operator');
  const run = useAct(api.decisions.trigger);
  const live = [...(useLive('clusters').values?.values() ?? [])].filter(
    ({ id, state }) => state === 'live' && (clusterId === undefined || id === clusterId),
  );
  const start = (id: string) => run.mutate({ body: { clusterId: id } });
  const [first] = live;
  if (!mayRun || first === undefined || live.length === 1)
    return (
      <RoleButton
        needs="operator"
        label="Find savings"
        loading={run.isPending}
        why={first ? undefined : 'No cluster is live; connect one on the Clusters page.'}
        onClick={() => first && start(first.id)}
      />
    );
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <Button loading={run.isPending}>Find savings</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {live.map(({ id, name }) => (
          <Menu.Item key={id} onClick={() => start(id)}>
            in {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
