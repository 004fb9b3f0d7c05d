import { Stack } from '@mantine/core';
import { IconCpu, IconUpload } from '@tabler/icons-react';
import { lazy, Suspense, useMemo } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import type { ClusterSummary, Engine, EngineChoice } from '../../../common/contracts/index.ts';
import { valuesUnder } from '../../../common/live-values.ts';
import { useScope } from '../../app/scope.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useConnection } from '../../connection/connection-context.ts';
import { engineUploads } from '../../connection/engine-uploads.ts';
import { pickFiles } from '../../connection/pick-files.ts';
import { useLive } from '../../connection/use-live.ts';
import { ClusterEngine } from './cluster-engine.tsx';
import { engineColumns } from './engine-columns.tsx';
import { engineName, STANDARD_ENGINE } from './engine-name.ts';
import { EngineUploads, WhatAnEngineIs } from './engine-uploads.tsx';

const EngineDrawer = lazy(() => import('./engine-drawer.tsx').then(m => ({ default: m.EngineDrawer })));

const EngineLedger = lazy(() =>
  import('./experiments/engine-ledger.tsx').then(m => ({ default: m.EngineLedger })),
);
const EngineExperimentsCard = lazy(() =>
  import('./experiments/engine-experiments-card.tsx').then(m => ({ default: m.EngineExperimentsCard })),
);

/** They only tidy the dialog. */
const ENGINE_ENDINGS = '.js,.mjs,.wasm,.json';

/** Which decision engines there are, which cluster uses which, and what one would do. */
export function EnginesPage() {
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const { values, problem } = useLive('engines');
  const clusters = useLive('clusters').values;
  const engines = useMemo(() => (values ? valuesUnder<Engine>(values, 'engine/') : undefined), [values]);
  const choices = useMemo(() => (values ? valuesUnder<EngineChoice>(values, 'choice/') : []), [values]);
  const usedBy = useMemo(() => usersOf(choices, [...(clusters?.values() ?? [])]), [choices, clusters]);
  const nameOf = (kind: 'engine' | 'cluster', of: string) => {
    if (kind === 'cluster') return clusters?.get(of)?.name ?? of;
    const known = engines?.find(engine => engine.id === of);
    return known ? engineName(known) : of;
  };
  const open = id === undefined ? undefined : engines?.find(engine => engine.id === decodeURIComponent(id));
  return (
    <>
      <PageHeader
        title="Engines"
        sentence={engines === undefined ? 'Asking…' : sentenceOf(engines)}
        actions={<UploadEngine />}
      />
      <LiveProblem problem={problem} />
      <EngineUploads />
      <Card title="Engines" padded={false}>
        {engines === undefined ? (
          <LoadingRows rows={2} />
        ) : (
          <DataTable
            label="Engines"
            rows={engines}
            rowKey={engine => engine.id}
            columns={engineColumns(usedBy)}
            currentKey={open?.id}
            onOpen={engine => go(`/engines/${pagePart(engine.id)}`)}
          />
        )}
        <div style={{ padding: '12px 16px' }}>
          <WhatAnEngineIs />
        </div>
      </Card>
      <Choices clusters={clusters} engines={engines} choices={choices} />
      <Suspense fallback={<LoadingRows rows={2} />}>
        {engines === undefined ? null : (
          <>
            <EngineExperimentsCard engines={engines} used={[...usedBy.keys()]} />
            <Card title="Who was active">
              <EngineLedger nameOf={nameOf} />
            </Card>
          </>
        )}
      </Suspense>
      <Suspense fallback={null}>
        {open === undefined ? null : (
          <EngineDrawer engine={open} usedBy={usedBy.get(open.id) ?? []} onClose={() => go('/engines')} />
        )}
      </Suspense>
    </>
  );
}

function UploadEngine() {
  const { client } = useConnection();
  return (
    <RoleButton
      needs="operator"
      label="Upload an engine"
      leftSection={<IconUpload size={17} aria-hidden />}
      onClick={() => pickFiles(ENGINE_ENDINGS, files => void engineUploads.offer(client.address, files))}
    />
  );
}

function Choices(props: {
  readonly clusters: ReadonlyMap<string, ClusterSummary> | undefined;
  readonly engines: readonly Engine[] | undefined;
  readonly choices: readonly EngineChoice[];
}) {
  const { clusters, engines, choices } = props;
  const { clusterId } = useScope();
  const shown = [...(clusters?.values() ?? [])].filter(
    ({ id }) => clusterId === undefined || id === clusterId,
  );
  return (
    <Card title="Which cluster uses which">
      {clusters === undefined || engines === undefined ? (
        <LoadingRows rows={3} />
      ) : shown.length === 0 ? (
        <EmptyState
          icon={<IconCpu size={34} stroke={1.4} />}
          title="No cluster yet"
          text="Each cluster has one engine, which you choose here once a cluster is connected."
          action={<Link href="/clusters">Connect a cluster</Link>}
        />
      ) : (
        <Stack gap="lg">
          {shown.map(cluster => (
            <ClusterEngine
              key={cluster.id}
              cluster={cluster}
              engines={engines}
              choice={choices.find(choice => choice.clusterId === cluster.id)}
            />
          ))}
        </Stack>
      )}
    </Card>
  );
}

function usersOf(
  choices: readonly EngineChoice[],
  clusters: readonly ClusterSummary[],
): ReadonlyMap<string, readonly string[]> {
  const chosen = new Map(choices.map(choice => [choice.clusterId, choice.engineId]));
  const names = Map.groupBy(clusters, ({ id }) => chosen.get(id) ?? STANDARD_ENGINE);
  return new Map([...names].map(([engineId, users]) => [engineId, users.map(({ name }) => name)]));
}

function sentenceOf(engines: readonly Engine[]): string {
  const uploaded = engines.filter(({ builtIn }) => !builtIn);
  const faulty = uploaded.filter(({ state }) => state === 'faulty').length;
  const builtIn = engines.length - uploaded.length;
  const words = `${counted(builtIn, 'engine')} built in, ${uploaded.length} uploaded`;
  return `${words}${faulty === 0 ? '' : `; ${faulty} faulty and not asked any more`}.`;
}
