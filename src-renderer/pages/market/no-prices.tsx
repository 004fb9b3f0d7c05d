import { Button, Group } from '@mantine/core';
import { IconTimeline } from '@tabler/icons-react';
import { Link } from 'wouter';
import { EmptyState } from '../../components/empty-state.tsx';
import { RoleButton } from '../../components/role-button.tsx';

/** No prices at all: what they are for and where they come from. */
export function NoPrices({ onFill }: { readonly onFill: () => void }) {
  return (
    <div className="co-card">
      <EmptyState
        icon={<IconTimeline size={34} stroke={1.4} />}
        title="No prices on disk"
        text="Forecasts and decisions need the Spot prices of the past weeks. EC2 keeps 90 days of them, which a fill fetches with read-only credentials; what is older comes from archives, without any network."
        action={
          <Group gap="sm" justify="center">
            <RoleButton needs="operator" label="Fill from EC2" onClick={onFill} />
            <Button component={Link} href="/market/import" variant="default">
              Import archives
            </Button>
          </Group>
        }
      />
    </div>
  );
}
