import { Group, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

/** Title of a page, with its state in one sentence, and what can be done. */
export function PageHeader({
  title,
  sentence,
  actions,
}: {
  readonly title: string;
  readonly sentence: ReactNode;
  readonly actions?: ReactNode;
}) {
  useDocumentTitle(`${title} · CloudOptim`);
  return (
    <Group justify="space-between" align="flex-end" wrap="wrap" gap="sm">
      <div style={{ minWidth: 0, flex: '1 1 480px' }}>
        <Title order={1}>{title}</Title>
        <Text c="dimmed" component="div" mt={2}>
          {sentence}
        </Text>
      </div>
      <Group gap="xs">{actions}</Group>
    </Group>
  );
}
