import { type MantineColorScheme, SegmentedControl, Text, useMantineColorScheme } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Card } from '../../components/card.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useConnection, useMay } from '../../connection/connection-context.ts';
import { ChangePassword } from './change-password.tsx';
import { SecretProtectionCard } from './secret-protection.tsx';
import { Sessions } from './sessions.tsx';

const ServerCard = lazy(() => import('./sync/server-card.tsx').then(m => ({ default: m.ServerCard })));
const Administration = lazy(() => import('./administration.tsx').then(m => ({ default: m.Administration })));

/** Who am I, who may come in, and what happened. */
export function SettingsPage() {
  const { actor } = useConnection();
  const isAdmin = useMay('admin');
  return (
    <>
      <PageHeader title="Settings" sentence={`You are “${actor.label}”, with the role ${actor.role}.`} />
      <Card title="Look">
        <ThemeChoice />
      </Card>
      <SecretProtectionCard />
      <Suspense fallback={<LoadingRows rows={2} />}>
        <ServerCard />
      </Suspense>
      {actor.id.startsWith('user-') ? (
        <Card title="Password">
          <ChangePassword />
        </Card>
      ) : null}
      <Sessions />
      {isAdmin ? (
        <Suspense fallback={<LoadingRows />}>
          <Administration />
        </Suspense>
      ) : (
        <Card title="Access and audit">
          <Text c="dimmed">
            Users, access tokens and the audit log are for administrators; ask one for the role “admin”.
          </Text>
        </Card>
      )}
    </>
  );
}

function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label="Theme"
      value={colorScheme}
      onChange={value => setColorScheme(value as MantineColorScheme)}
      data={[
        { value: 'auto', label: 'As the system' },
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
      ]}
    />
  );
}
