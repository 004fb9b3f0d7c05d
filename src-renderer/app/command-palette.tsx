import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconBolt, IconBox, IconChartLine, IconSearch, IconStack2 } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { api, type Plan } from '../../common/contracts/index.ts';
import { valuesUnder } from '../../common/live-values.ts';
import { moneyText } from '../components/money-text.tsx';
import { pagePart } from '../connection/api-path.ts';
import { useAct, useRead } from '../connection/use-call.ts';
import { useLive } from '../connection/use-live.ts';
import { useModelActions } from './model-actions.tsx';
import { pages } from './pages.ts';

/** Goes to any page, cluster, plan, model, experiment or pool, and starts what can be started. Opens with Ctrl or ⌘ K. */
export function CommandPalette() {
  const [query, setQuery] = useState('');
  const actions = useActions(query);
  return (
    <Spotlight
      actions={actions}
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K']}
      limit={12}
      scrollable
      maxHeight={440}
      highlightQuery
      nothingFound="Nothing found. Try the name of a page, cluster, plan, model or instance type."
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: 'Page, cluster, plan, model, pool, or an action',
        'aria-label': 'Go to or do',
      }}
    />
  );
}

function useActions(query: string): SpotlightActionGroupData[] {
  const [, go] = useLocation();
  const clusters = useLive('clusters').values;
  const models = useLive('models').values;
  const decisions = useLive('decisions').values;
  const ofModels = useModelActions();
  const isPoolSearch = query.trim().length >= 2;
  const pools = useRead(
    api.market.listPools,
    { query: { search: query.trim(), limit: 6 } },
    { enabled: isPoolSearch },
  );
  const { mutate: findSavings } = useAct(api.decisions.trigger, { onDone: () => go('/decisions') });
  return useMemo(() => {
    const clusterList = [...(clusters?.values() ?? [])];
    const plans = decisions ? valuesUnder<Plan>(decisions, 'plan/').slice(-200) : [];
    return [
      {
        group: 'Pages',
        actions: pages.map(({ path, label, purpose, icon: Icon }) => ({
          id: `page${path}`,
          label,
          description: purpose,
          leftSection: <Icon size={19} stroke={1.6} />,
          onClick: () => go(path),
        })),
      },
      {
        group: 'Actions',
        actions: [
          ...clusterList
            .filter(({ state }) => state === 'live')
            .map(({ id, name }) => ({
              id: `find/${id}`,
              label: `Find savings in ${name}`,
              leftSection: <IconBolt size={19} stroke={1.6} />,
              onClick: () => findSavings({ body: { clusterId: id } }),
            })),
          ...ofModels.actions,
        ],
      },
      {
        group: 'Clusters',
        actions: clusterList.map(({ id, name, nodes }) => ({
          id: `cluster/${id}`,
          label: name,
          description: `${nodes} nodes`,
          leftSection: <IconStack2 size={19} stroke={1.6} />,
          onClick: () => go(`/clusters/${pagePart(id)}`),
        })),
      },
      {
        group: 'Models',
        actions: [...(models?.values() ?? [])].map(({ id, manifest }) => ({
          id: `model/${id}`,
          label: `${manifest.name} ${manifest.version}`,
          leftSection: <IconBox size={19} stroke={1.6} />,
          onClick: () => go(`/models/${pagePart(id)}`),
        })),
      },
      { group: 'Experiments', actions: ofModels.experiments },
      {
        group: 'Plans',
        actions: plans.map(({ id, title, clusterName, state }) => ({
          id: `plan/${id}`,
          label: title,
          description: `${clusterName}, ${state}`,
          leftSection: <IconBolt size={19} stroke={1.6} />,
          onClick: () => go(`/decisions/${pagePart(id)}`),
        })),
      },
      {
        group: 'Pools',
        actions: (isPoolSearch ? (pools.data?.pools ?? []) : []).map(pool => ({
          id: `pool/${pool.pool}`,
          label: `${pool.instanceType} in ${pool.availabilityZone}`,
          description: moneyText(pool.lastPriceMicroUsdPerHour, 'hour'),
          keywords: [query],
          leftSection: <IconChartLine size={19} stroke={1.6} />,
          onClick: () => go(`/market?pool=${pagePart(pool.pool)}`),
        })),
      },
    ].filter(({ actions }) => actions.length > 0);
  }, [clusters, models, decisions, ofModels, pools.data, isPoolSearch, query, go, findSavings]);
}
