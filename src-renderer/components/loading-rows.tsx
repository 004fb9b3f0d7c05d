import { Skeleton, Stack } from '@mantine/core';

/** The shape of a table or list that is on its way. */
export function LoadingRows({ rows = 5 }: { readonly rows?: number }) {
  return (
    <Stack gap={14} p="md" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have nothing else.
        <Skeleton key={index} height={18} width={`${96 - ((index * 13) % 34)}%`} />
      ))}
    </Stack>
  );
}
