import { Button, Menu } from '@mantine/core';
import { Link } from 'wouter';
import type { Model } from '../../../../common/contracts/index.ts';
import { byImportance, versionName } from '../model-order.ts';
import { comparePath } from './compare-path.ts';

/** Chooses the version to hold beside this one. */
export function CompareWith({ model, models }: { readonly model: Model; readonly models: readonly Model[] }) {
  const others = models.filter(({ id }) => id !== model.id).toSorted(byImportance);
  if (others.length === 0) return null;
  return (
    <Menu position="top-start" withArrow>
      <Menu.Target>
        <Button variant="default">Compare…</Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
        {others.map(other => (
          <Menu.Item key={other.id} component={Link} href={comparePath(model.id, other.id)}>
            {versionName(other)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
