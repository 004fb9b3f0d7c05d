import { Button, Code, Stack, Table, Text } from '@mantine/core';
import { api, type Engine, engineFilePath } from '../../../common/contracts/index.ts';
import { formatBytes } from '../../../common/units/index.ts';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { apiPath } from '../../connection/api-path.ts';
import { useConnection } from '../../connection/connection-context.ts';
import { saveFile } from '../../connection/save-file.ts';
import { useAct } from '../../connection/use-call.ts';
import { kindText } from './engine-columns.tsx';
import { engineName } from './engine-name.ts';

/** One engine: what it does, what it may be told, what the checks found, and its file. */
export function EngineDrawer(props: {
  readonly engine: Engine | undefined;
  readonly usedBy: readonly string[];
  readonly onClose: () => void;
}) {
  const { engine, usedBy, onClose } = props;
  return (
    <DetailDrawer
      title={engine ? engineName(engine) : ''}
      isOpen={engine !== undefined}
      onClose={onClose}
      actions={engine?.file ? <Actions engine={engine} usedBy={usedBy} onDeleted={onClose} /> : undefined}
    >
      {engine === undefined ? null : (
        <>
          {engine.faultyReason === null ? null : (
            <Text c="var(--co-risk-text)" role="alert">
              It is not asked any more. {engine.faultyReason} Choose another engine for its clusters, or
              upload a repaired version.
            </Text>
          )}
          <Text>{engine.manifest?.description ?? BUILT_IN[engine.name]}</Text>
          <Facts engine={engine} usedBy={usedBy} />
          {engine.file ? <Checks checks={engine.file.checks} /> : null}
        </>
      )}
    </DetailDrawer>
  );
}

/** Engines that come with the product have no manifest of their own. */
const BUILT_IN: Readonly<Record<string, string>> = {
  spot: 'Compares every node with each cheaper Spot pool that would hold its pods. Expected cost = price that the forecast expects + interruption risk × restart cost; the saving is what the node costs now less that, and the cost of running both while pods move is paid once. A node whose pods cannot move stays, with the object that keeps it. A pool with an unknown price or risk is never proposed.',
  'bin-packing':
    'Packs the pods of a cluster onto the cheapest nodes by the rules of the scheduler: nodes go, and fewer or cheaper ones come, in one plan with waves. With it comes a lower bound that no set of nodes for these pods can undercut. A node whose pods cannot move, or whose price is unknown, stays.',
  rightsizing:
    'Proposes other requests and limits for containers from what they used, a plan for each workload. One pod gets them first, in place, and is watched; a kill for want of memory, a crash or throttling takes all back. Nothing leaves the bill by it alone.',
  'rightsizing-then-packing-then-spot':
    'Runs rightsizing first, bin-packing on the sizes that would then be asked for, and spot on what is left. Plans that need the room wait for the resizes that make it.',
  'packing-then-spot':
    'Runs bin-packing first and spot on what it leaves, with the pods where they then are. No dollar is counted twice: what all its plans save adds up to what the cluster costs less.',
};

function Facts({ engine, usedBy }: { readonly engine: Engine; readonly usedBy: readonly string[] }) {
  const { file, manifest } = engine;
  const parameters = Object.entries(manifest?.parameters.properties ?? {});
  const lines: readonly (readonly [string, React.ReactNode])[] = [
    ['Kind', kindText(engine)],
    ['Used by', usedBy.length === 0 ? 'no cluster' : usedBy.join(', ')],
    ...(file && manifest
      ? ([
          ['Contract', `version ${manifest.contractVersion}`],
          ['File', `${file.fileName}, ${formatBytes(file.bytes)}`],
          ['SHA-256', <Code key="hash">{file.sha256}</Code>],
          [
            'Uploaded',
            <span key="at">
              <RelativeTime at={file.uploadedAt} /> by {file.uploadedBy}
            </span>,
          ],
        ] as const)
      : []),
    ...parameters.map(
      ([name, schema]) => [schema.title ?? name, `${String(schema.default)} unless chosen`] as const,
    ),
  ];
  return (
    <Table aria-label="Facts of the engine" verticalSpacing={6}>
      <Table.Tbody>
        {lines.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={500} c="dimmed" w={170}>
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Checks({ checks }: { readonly checks: NonNullable<Engine['file']>['checks'] }) {
  return (
    <Stack gap={4}>
      <Text fw={600}>What the checks found</Text>
      <Table aria-label="Checks" verticalSpacing={6}>
        <Table.Tbody>
          {checks.map(({ name, passed, text }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500} w={170}>
                {passed ? '✓' : '✗'} {name}
              </Table.Th>
              <Table.Td>{text}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Actions(props: {
  readonly engine: Engine;
  readonly usedBy: readonly string[];
  readonly onDeleted: () => void;
}) {
  const { engine, usedBy, onDeleted } = props;
  const { client } = useConnection();
  const remove = useAct(api.engines.deleteEngine, { quiet: true });
  const ending = engine.file?.kind === 'webassembly' ? 'wasm' : 'js';
  return (
    <>
      <Button
        variant="default"
        onClick={() =>
          void saveFile(
            client.address,
            apiPath(engineFilePath, { id: engine.id }),
            `${engine.name}-${engine.manifest?.version}.${ending}`,
          )
        }
      >
        Download
      </Button>
      <ConfirmButton
        needs="operator"
        label="Delete"
        variant="default"
        why={
          usedBy.length === 0 ? undefined : `${usedBy.join(', ')} uses it; choose another engine there first.`
        }
        title={`Delete ${engineName(engine)}?`}
        confirmLabel="Delete this engine"
        isBusy={remove.isPending}
        error={remove.error}
        onOpen={remove.reset}
        onConfirm={close =>
          remove.mutate(
            { params: { id: engine.id } },
            {
              onSuccess: () => {
                close();
                onDeleted();
              },
            },
          )
        }
      >
        <Text>
          Its file is removed from the server. Plans that it made keep its name, version and hash. To undo,
          upload the same file again.
        </Text>
      </ConfirmButton>
    </>
  );
}
