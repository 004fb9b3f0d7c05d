import { Badge, Group, Select, Tabs, Text } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { useLocation, useParams, useSearchParams } from 'wouter';
import {
  type ClusterSummary,
  DEFAULT_POLICY_SCOPE,
  type KillSwitch,
  type PolicyRevision,
} from '../../../common/contracts/index.ts';
import { valuesUnder } from '../../../common/live-values.ts';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useLive } from '../../connection/use-live.ts';
import { FreezeButton } from './freeze-button.tsx';
import { KillSwitchButton } from './kill-switch-button.tsx';
import { PolicyConflicts } from './policy-conflicts.tsx';
import { PolicyForm } from './policy-form.tsx';
import { SaveBar } from './save-bar.tsx';
import { type PolicyDraft, usePolicyDraft } from './use-policy-draft.ts';

const PolicyEffect = lazy(() => import('./policy-effect.tsx').then(m => ({ default: m.PolicyEffect })));
const PolicyHistory = lazy(() => import('./policy-history.tsx').then(m => ({ default: m.PolicyHistory })));
const PolicyYaml = lazy(() => import('./policy-yaml.tsx').then(m => ({ default: m.PolicyYaml })));

/** What may happen to clusters, when, and how much at once; for all of them or for one. */
export function PoliciesPage() {
  const { scope: chosen } = useParams<{ scope?: string }>();
  const { values, problem } = useLive('policies');
  const clusters = useLive('clusters').values;
  const policies = useMemo(
    () => (values ? valuesUnder<PolicyRevision>(values, 'policy/') : undefined),
    [values],
  );
  const switches = useMemo(() => (values ? valuesUnder<KillSwitch>(values, 'kill-switch/') : []), [values]);
  const scope = chosen === undefined ? DEFAULT_POLICY_SCOPE : decodeURIComponent(chosen);
  const common = policies?.find(one => one.scope === DEFAULT_POLICY_SCOPE);
  if (policies === undefined || common === undefined || clusters === undefined)
    return (
      <>
        <PageHeader title="Policies" sentence="Asking…" />
        <LiveProblem problem={problem} />
        <LoadingRows />
      </>
    );
  const saved = policies.find(one => one.scope === scope) ?? nothingSaved(scope);
  return (
    <ScopePolicy
      key={scope}
      problem={problem}
      saved={saved}
      shown={saved.document ? saved : common}
      common={common}
      policies={policies}
      killSwitch={switches.find(one => one.scope === scope)}
      clusters={[...clusters.values()]}
    />
  );
}

function ScopePolicy(props: {
  readonly problem: string | undefined;
  readonly saved: PolicyRevision;
  /** The document that holds: its own, or that for all clusters. */
  readonly shown: PolicyRevision;
  readonly common: PolicyRevision;
  readonly policies: readonly PolicyRevision[];
  readonly killSwitch: KillSwitch | undefined;
  readonly clusters: readonly ClusterSummary[];
}) {
  const { saved, shown, common, policies, killSwitch, clusters } = props;
  const [search, setSearch] = useSearchParams();
  const view = search.get('view') ?? 'form';
  const draft = usePolicyDraft(saved, shown);
  const name = scopeName(saved.scope, clusters);
  return (
    <>
      <PageHeader
        title="Policies"
        sentence={sentenceOf(policies, clusters)}
        actions={
          <>
            <FreezeButton saved={saved} shown={shown} name={name} />
            <KillSwitchButton scope={saved.scope} name={name} killSwitch={killSwitch} />
          </>
        }
      />
      <LiveProblem problem={props.problem} />
      <PolicyConflicts />
      <Group gap="md" align="flex-end">
        <ScopeChoice scope={saved.scope} clusters={clusters} policies={policies} />
        <StateLine saved={saved} shown={shown} common={common} draft={draft} killSwitch={killSwitch} />
      </Group>
      <Tabs
        value={view}
        keepMounted={false}
        onChange={next => setSearch(next === null || next === 'form' ? {} : { view: next })}
      >
        <Tabs.List>
          <Tabs.Tab value="form">Form</Tabs.Tab>
          <Tabs.Tab value="yaml">YAML</Tabs.Tab>
          <Tabs.Tab value="effect">Windows and effect</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="form" pt="md">
          <PolicyForm shown={shown} draft={draft} />
        </Tabs.Panel>
        <Tabs.Panel value="yaml" pt="md">
          <Suspense fallback={<LoadingRows />}>
            <PolicyYaml shown={shown} name={name} draft={draft} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="effect" pt="md">
          <Suspense fallback={<LoadingRows />}>
            <PolicyEffect draft={draft} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="history" pt="md">
          <Suspense fallback={<LoadingRows />}>
            <PolicyHistory saved={saved} shown={shown} hasDraft={draft.content !== undefined} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
      <SaveBar saved={saved} shown={shown} name={name} draft={draft} />
    </>
  );
}

function ScopeChoice(props: {
  readonly scope: string;
  readonly clusters: readonly ClusterSummary[];
  readonly policies: readonly PolicyRevision[];
}) {
  const { scope, clusters, policies } = props;
  const [, go] = useLocation();
  const hasOwn = (id: string) => policies.some(one => one.scope === id && one.document !== null);
  return (
    <Select
      label="Policy of"
      w={300}
      allowDeselect={false}
      value={scope}
      data={[
        { value: DEFAULT_POLICY_SCOPE, label: 'All clusters (default)' },
        ...clusters.map(({ id, name }) => ({
          value: id,
          label: `${name} (${hasOwn(id) ? 'its own' : 'follows the default'})`,
        })),
      ]}
      onChange={next =>
        go(next === null || next === DEFAULT_POLICY_SCOPE ? '/policies' : `/policies/${pagePart(next)}`)
      }
    />
  );
}

function StateLine(props: {
  readonly saved: PolicyRevision;
  readonly shown: PolicyRevision;
  readonly common: PolicyRevision;
  readonly draft: PolicyDraft;
  readonly killSwitch: KillSwitch | undefined;
}) {
  const { saved, shown, common, draft, killSwitch } = props;
  const freezes = [shown.document?.freeze, common.document?.freeze].flatMap(freeze =>
    freeze && Date.parse(freeze.until) > Date.now() ? [freeze] : [],
  );
  return (
    <Group gap="xs" pb={7}>
      <ToneBadge tone={shown.document?.mode === 'automatic' ? 'busy' : 'neutral'}>
        mode {shown.document?.mode ?? 'unknown'}
      </ToneBadge>
      {killSwitch?.on ? <ToneBadge tone="risk">kill switch on</ToneBadge> : null}
      {freezes[0] ? (
        <ToneBadge tone="risk">
          frozen, ends <RelativeTime at={Date.parse(freezes[0].until)} />
        </ToneBadge>
      ) : null}
      {draft.content === undefined && draft.preview?.isOpen === false ? (
        <ToneBadge tone="neutral">outside windows</ToneBadge>
      ) : null}
      {draft.content === undefined ? null : (
        <Badge variant="outline" color="gray" radius="sm" tt="none">
          changed, not saved
        </Badge>
      )}
      <Text size="sm" c="dimmed" component="div">
        {saved.savedAt === null ? (
          saved.scope === DEFAULT_POLICY_SCOPE ? (
            'nothing was saved: the built-in defaults hold'
          ) : (
            'has none of its own: follows the policy for all clusters'
          )
        ) : (
          <>
            revision {saved.revision}, saved by {saved.savedBy} <RelativeTime at={saved.savedAt} />
            {saved.document ? null : ': follows the policy for all clusters'}
          </>
        )}
      </Text>
    </Group>
  );
}

function nothingSaved(scope: string): PolicyRevision {
  return {
    scope,
    revision: 0,
    document: null,
    yaml: '',
    savedAt: null,
    savedBy: null,
    note: null,
    revertedFrom: null,
  };
}

function scopeName(scope: string, clusters: readonly ClusterSummary[]): string {
  if (scope === DEFAULT_POLICY_SCOPE) return 'all clusters';
  return clusters.find(({ id }) => id === scope)?.name ?? scope;
}

function sentenceOf(policies: readonly PolicyRevision[], clusters: readonly ClusterSummary[]): string {
  const own = policies.filter(({ scope, document }) => scope !== DEFAULT_POLICY_SCOPE && document);
  const common = policies.find(({ scope }) => scope === DEFAULT_POLICY_SCOPE);
  const automatic = own.filter(({ document }) => document?.mode === 'automatic').length;
  const mode = common?.document?.mode ?? 'unknown';
  const followers = clusters.length - own.length;
  const acts = automatic === 0 ? '' : `; ${counted(automatic, 'cluster')} acts by itself`;
  return `For all clusters: mode ${mode}, followed by ${counted(followers, 'cluster')}; ${own.length} with a policy of its own${acts}.`;
}
