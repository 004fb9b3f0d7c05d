import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** What this place is for, and the one next step. */
export function EmptyState({
  icon,
  title,
  text,
  action,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly text: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <Stack align="center" gap={6} py={36} px="md" ta="center">
      {icon === undefined ? null : <div style={{ color: 'var(--co-muted)', lineHeight: 0 }}>{icon}</div>}
      <Text fw={620} size="lg">
        {title}
      </Text>
      <Text c="dimmed" maw={520} component="div">
        {text}
      </Text>
      {action === undefined ? null : <div style={{ marginTop: 10 }}>{action}</div>}
    </Stack>
  );
}
