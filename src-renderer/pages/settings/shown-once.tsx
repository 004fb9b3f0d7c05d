import { Alert, Button, Code, CopyButton, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';

/** A secret that is told this one time, to be copied. */
export function ShownOnce(props: {
  /** What it is: `Secret`. */
  readonly label: string;
  readonly secret: string;
  /** That it is not shown again, and what that means. */
  readonly warning: ReactNode;
  /** What to do with it. */
  readonly children?: ReactNode;
  readonly onDone: () => void;
}) {
  const { label, secret, warning, children, onDone } = props;
  return (
    <Stack>
      <Alert color="blue" variant="light">
        {warning}
      </Alert>
      <Code block aria-label={label} style={{ wordBreak: 'break-all', whiteSpace: 'pre-wrap' }}>
        {secret}
      </Code>
      {children}
      <Group justify="flex-end">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}
