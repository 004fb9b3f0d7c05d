import { CloseButton, Group, Progress, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, type CatalogRefresh } from '../../../../common/contracts/index.ts';
import { formatBytes } from '../../../../common/units/index.ts';
import { formatPercent } from '../../../components/number-text.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { useAct } from '../../../connection/use-call.ts';

/** Outcomes of what ended since then are shown until they are put away. */
const openedAt = Date.now();

const PARTS: Readonly<Record<CatalogRefresh['steps'][number]['part'], string>> = {
  types: 'Sizes',
  'on-demand': 'List prices',
  advisor: 'Spot advisor',
};

const STEP_WORDS: Readonly<Record<CatalogRefresh['steps'][number]['state'], string>> = {
  waiting: 'waits',
  running: 'running',
  done: 'done',
  failed: 'failed',
};

/** The refresh that runs, step by step, and what came of the last one. */
export function RefreshProgress({ refreshes }: { readonly refreshes: readonly CatalogRefresh[] }) {
  const [away, setAway] = useState('');
  const queries = useQueryClient();
  const stop = useAct(api.market.cancelCatalogRefresh);
  const last = refreshes
    .filter(({ jobId, endedAt }) => jobId !== away && (endedAt === null || endedAt >= openedAt))
    .toSorted(
      (a, b) => (b.startedAt ?? Number.MAX_SAFE_INTEGER) - (a.startedAt ?? Number.MAX_SAFE_INTEGER),
    )[0];
  const done = last?.steps.filter(({ state }) => state === 'done').length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step that is done brings new figures.
  useEffect(() => {
    for (const { path } of [api.market.catalog, api.market.poolTable])
      void queries.invalidateQueries({ queryKey: [path] });
  }, [done, queries]);
  if (!last) return null;
  const isGoing = last.endedAt === null;
  return (
    <div className="co-note" data-tone={last.state === 'failed' ? 'risk' : 'good'} role="status">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={560}>
          {isGoing
            ? `Refreshing ${formatPercent(Math.floor(last.percent))}`
            : last.state === 'cancelled'
              ? 'Refresh stopped; steps that are done stay'
              : last.state === 'failed'
                ? 'Refresh failed'
                : 'Refreshed'}
        </Text>
        {isGoing ? (
          <RoleButton
            needs="operator"
            size="compact-sm"
            variant="default"
            label="Stop the refresh"
            loading={stop.isPending}
            onClick={() => stop.mutate({ params: { job: last.jobId } })}
          />
        ) : (
          <CloseButton aria-label="Put the refresh away" onClick={() => setAway(last.jobId)} />
        )}
      </Group>
      {isGoing ? (
        <Progress.Root size="md" my={6}>
          <Progress.Section value={last.percent} aria-label="Refresh of the catalog" />
        </Progress.Root>
      ) : null}
      {last.message === null ? null : <Text size="sm">{last.message}</Text>}
      {last.steps.map(({ part, region, state, bytes, totalBytes, message }) => (
        <Text
          key={`${part}${region}`}
          size="sm"
          {...(state === 'failed' ? { c: 'var(--co-risk-text)' } : { c: 'dimmed' })}
        >
          {PARTS[part]}
          {region === null ? '' : ` of ${region}`}: {message ?? STEP_WORDS[state]}
          {state === 'running' && bytes > 0
            ? `, ${formatBytes(bytes)}${totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`}`
            : ''}
        </Text>
      ))}
    </div>
  );
}
