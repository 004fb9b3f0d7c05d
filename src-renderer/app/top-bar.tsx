import { ActionIcon, Button, Group, Kbd, Menu, Text, Tooltip } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconHelp, IconLogout, IconSearch, IconUser } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import type { Plan } from '../../common/contracts/index.ts';
import { valuesUnder } from '../../common/live-values.ts';
import { counted } from '../components/number-text.ts';
import { useConnection } from '../connection/connection-context.ts';
import { useLive } from '../connection/use-live.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { ScopeSelect } from './scope.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

const RunningWork = lazy(() => import('./running-work.tsx').then(m => ({ default: m.RunningWork })));

/** What every page shares: scope, state of the wire, running uploads, fills and imports, palette, approvals, theme, who am I. */
export function TopBar({ onHelp }: { readonly onHelp: () => void }) {
  return (
    <Group h="100%" px="md" gap="md" wrap="nowrap">
      <ScopeSelect />
      <ConnectionBadge />
      <Suspense fallback={null}>
        <RunningWork />
      </Suspense>
      <Group ml="auto" gap="xs" wrap="nowrap">
        <WaitingApprovals />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconSearch size={15} />}
          rightSection={<Kbd size="xs">Ctrl K</Kbd>}
          onClick={() => spotlight.open()}
          aria-keyshortcuts="Control+K Meta+K"
        >
          Go to or do
        </Button>
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Keyboard shortcuts"
            onClick={onHelp}
          >
            <IconHelp size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <ThemeToggle />
        <WhoAmI />
      </Group>
    </Group>
  );
}

function WaitingApprovals() {
  const { values } = useLive('decisions');
  const waiting = values ? valuesUnder<Plan>(values, 'plan/').filter(p => p.state === 'proposed').length : 0;
  if (waiting === 0) return null;
  return (
    <Button component={Link} href="/decisions?state=waiting" size="xs" variant="light">
      {counted(waiting, 'plan')} to approve
    </Button>
  );
}

function WhoAmI() {
  const { actor, signOut } = useConnection();
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Signed in as ${actor.label}`}>
          <IconUser size={19} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Text size="sm" px="sm" py={6}>
          {actor.label}
          <Text span c="dimmed" size="sm">
            {' '}
            ({actor.role})
          </Text>
        </Text>
        <Menu.Item component={Link} href="/settings">
          Settings
        </Menu.Item>
        {signOut === undefined ? null : (
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
            Sign out
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
