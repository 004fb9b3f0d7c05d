import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { toApiError } from '../connection/api-error.ts';

/** What failed, what to do about it, and a way to try again. */
export function ErrorState({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}) {
  const { message, hint } = toApiError(error);
  return (
    <Alert
      icon={<IconAlertTriangle size={20} />}
      title={message}
      color="orange"
      variant="light"
      role="alert"
      styles={{ title: { color: 'var(--co-risk-text)' }, icon: { color: 'var(--co-risk-text)' } }}
    >
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm">{hint}</Text>
        {onRetry === undefined ? null : (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
