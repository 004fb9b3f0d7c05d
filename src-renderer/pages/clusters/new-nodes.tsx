import { Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  api,
  type CapacityChoice,
  type CapacitySource,
  type ClusterSummary,
  capacityPatterns,
} from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useMay } from '../../connection/connection-context.ts';
import { useAct, useRead } from '../../connection/use-call.ts';

/** What is typed: subnets by zone in the order of the zones. */
interface Draft {
  readonly kind: CapacitySource['kind'];
  readonly launchTemplate: string;
  readonly version: string;
  readonly subnets: Readonly<Record<string, string>>;
  /** Empty: instances of old nodes are left alone. */
  readonly awsCluster: string;
}

/** Where new nodes of a cluster come from, its own provisioner or EC2 by a launch template, and whether instances of old ones are ended. */
export function NewNodes({
  cluster,
  zones,
}: {
  readonly cluster: ClusterSummary;
  /** Zones in which it has nodes. */
  readonly zones: readonly string[];
}) {
  const choice = useRead(api.capacity.getCapacity, { params: { id: cluster.id } });
  return (
    <Card title="New nodes and old instances">
      {choice.data ? (
        <NewNodesForm key={choice.data.changedAt} cluster={cluster} choice={choice.data} zones={zones} />
      ) : choice.error ? (
        <ErrorState error={choice.error} onRetry={() => void choice.refetch()} />
      ) : (
        <LoadingRows rows={2} />
      )}
    </Card>
  );
}

function NewNodesForm({
  cluster,
  choice,
  zones,
}: {
  readonly cluster: ClusterSummary;
  readonly choice: CapacityChoice;
  readonly zones: readonly string[];
}) {
  const [draft, setDraft] = useState(() => draftOf(choice.source));
  const mayChoose = useMay('admin');
  const choose = useAct(api.capacity.chooseCapacity, { refresh: [api.capacity.getCapacity], quiet: true });
  const rows = [...new Set([...zones, ...Object.keys(draft.subnets)])].toSorted();
  const change = (part: Partial<Draft>) => {
    choose.reset();
    setDraft({ ...draft, ...part });
  };
  const source = sourceOf(draft);
  const isSound = problemsOf(draft).length === 0;
  const isChanged = JSON.stringify(source) !== JSON.stringify(sourceOf(draftOf(choice.source)));
  const seen = choice.provisionerSeen;
  return (
    <Stack gap="md">
      <Radio.Group
        label="New nodes come from"
        value={draft.kind}
        onChange={kind => change({ kind: kind as Draft['kind'] })}
      >
        <Stack gap={8} mt={8}>
          <Radio
            value="provisioner"
            disabled={!mayChoose}
            label="The cluster’s own provisioner"
            description={
              seen === null
                ? 'Neither Karpenter nor an autoscaler is seen: plans that need new nodes are refused.'
                : `${capital(seen)} brings nodes as pods wait for them.`
            }
          />
          <Radio
            value="ec2"
            disabled={!mayChoose}
            label="EC2, by a launch template"
            description="Each node is ordered and ready before an old one is drained, and given back when the plan fails. Needs the permissions in docs/guides/aws-credentials.md."
          />
        </Stack>
      </Radio.Group>
      {draft.kind === 'ec2' ? (
        <>
          <Group align="flex-start" gap="md">
            <TextInput
              label="Launch template"
              description="Its id or its name"
              placeholder="lt-0a1b2c3d4e5f60718"
              w={300}
              value={draft.launchTemplate}
              disabled={!mayChoose}
              error={
                draft.launchTemplate === '' ? undefined : problemOf('launchTemplate', draft.launchTemplate)
              }
              onChange={event => change({ launchTemplate: event.currentTarget.value })}
            />
            <TextInput
              label="Version"
              description="A number, $Default or $Latest"
              w={200}
              value={draft.version}
              disabled={!mayChoose}
              error={problemOf('version', draft.version)}
              onChange={event => change({ version: event.currentTarget.value })}
            />
          </Group>
          <Group align="flex-start" gap="md">
            {rows.map(zone => (
              <TextInput
                key={zone}
                label={`Subnet in ${zone}`}
                placeholder="none: no node is ordered there"
                w={260}
                value={draft.subnets[zone] ?? ''}
                disabled={!mayChoose}
                error={problemOf('subnetId', draft.subnets[zone] ?? '')}
                onChange={event =>
                  change({ subnets: { ...draft.subnets, [zone]: event.currentTarget.value } })
                }
              />
            ))}
          </Group>
        </>
      ) : null}
      <TextInput
        label="End instances of the cluster that AWS calls"
        description={`With its name, plans end the instance of a node once it is drained, where nobody else does: one with the tag kubernetes.io/cluster/${draft.awsCluster.trim() || '<name>'}, alone or with its place in an Auto Scaling group. Without it such an instance goes on costing.`}
        placeholder="none: instances of old nodes are left alone"
        maw={620}
        value={draft.awsCluster}
        disabled={!mayChoose}
        error={problemOf('awsCluster', draft.awsCluster)}
        onChange={event => change({ awsCluster: event.currentTarget.value })}
      />
      <Group gap="md">
        <RoleButton
          needs="admin"
          label="Save"
          loading={choose.isPending}
          why={whyNotSaved(isChanged, isSound, draft)}
          onClick={() => choose.mutate({ params: { id: cluster.id }, body: source })}
        />
        <Text size="sm" c="dimmed" component="div">
          {choose.isPending ? (
            'Asking AWS whether it would do that…'
          ) : choice.changedAt === null ? (
            'Nobody has chosen: the cluster’s own provisioner is used.'
          ) : (
            <>
              Chosen by {choice.changedBy} <RelativeTime at={choice.changedAt} />.
            </>
          )}
        </Text>
      </Group>
      {choose.error ? <ErrorState error={choose.error} /> : null}
    </Stack>
  );
}

function draftOf(source: CapacitySource): Draft {
  const { awsCluster = '' } = source;
  if (source.kind === 'provisioner')
    return { kind: 'provisioner', launchTemplate: '', version: '$Default', subnets: {}, awsCluster };
  const { kind, launchTemplate, version, subnets } = source;
  return {
    kind,
    awsCluster,
    launchTemplate,
    version,
    subnets: Object.fromEntries(subnets.map(({ zone, subnetId }) => [zone, subnetId])),
  };
}

/** As the API takes it; zones without a subnet are left out. */
function sourceOf({ kind, launchTemplate, version, subnets, awsCluster }: Draft): CapacitySource {
  const ending = awsCluster.trim() === '' ? {} : { awsCluster: awsCluster.trim() };
  if (kind === 'provisioner') return { kind, ...ending };
  return {
    kind,
    launchTemplate: launchTemplate.trim(),
    version: version.trim(),
    subnets: Object.entries(subnets)
      .map(([zone, subnetId]) => ({ zone, subnetId: subnetId.trim() }))
      .filter(({ subnetId }) => subnetId !== '')
      .toSorted((a, b) => (a.zone < b.zone ? -1 : 1)),
    ...ending,
  };
}

/** What is wrong with a value; an empty subnet is none, and no name of a cluster. */
function problemOf(field: keyof typeof capacityPatterns, value: string): string | undefined {
  const { pattern, problem } = capacityPatterns[field];
  const text = value.trim();
  const mayBeEmpty = field === 'subnetId' || field === 'awsCluster';
  return pattern.test(text) || (mayBeEmpty && text === '') ? undefined : problem;
}

function problemsOf({ kind, launchTemplate, version, subnets, awsCluster }: Draft): string[] {
  const ending = [problemOf('awsCluster', awsCluster)].filter(problem => problem !== undefined);
  if (kind === 'provisioner') return ending;
  const named = Object.values(subnets).filter(subnetId => subnetId.trim() !== '');
  return [
    ...ending,
    problemOf('launchTemplate', launchTemplate),
    problemOf('version', version),
    ...named.map(subnetId => problemOf('subnetId', subnetId)),
    named.length === 0 ? 'name at least one zone with its subnet' : undefined,
  ].filter(problem => problem !== undefined);
}

function whyNotSaved(
  isChanged: boolean,
  isSound: boolean,
  { kind, launchTemplate, subnets }: Draft,
): string | undefined {
  if (!isChanged) return 'This is what the cluster uses already.';
  if (isSound) return undefined;
  if (kind === 'provisioner') return 'Correct the marked values first.';
  if (launchTemplate.trim() === '') return 'Name a launch template first.';
  if (Object.values(subnets).every(one => one.trim() === '')) return 'Name a subnet of at least one zone.';
  return 'Correct the marked values first.';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
