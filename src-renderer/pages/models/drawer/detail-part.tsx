import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of the details under a heading of its own. */
export function DetailPart({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section aria-label={title}>
      <Group justify="space-between" mb={6} mih={30}>
        <Text component="h3" fw={620} m={0}>
          {title}
        </Text>
        {aside}
      </Group>
      {children}
    </section>
  );
}
