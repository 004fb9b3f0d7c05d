import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** The limits that end an experiment by themselves, folded away. */
export function GuardrailDetails({
  after,
  children,
}: {
  /** What happens then, as the end of a sentence. */
  readonly after: string;
  readonly children: ReactNode;
}) {
  return (
    <details>
      <summary style={{ cursor: 'pointer', color: 'var(--mantine-color-anchor)' }}>
        Advanced: guardrails
      </summary>
      <Stack gap="sm" mt={10}>
        <Text size="sm" c="dimmed">
          Each of them ends the experiment by itself, and {after}.
        </Text>
        {children}
      </Stack>
    </details>
  );
}
