import {
  IconBolt,
  IconBox,
  IconChartLine,
  IconCoins,
  IconCpu,
  IconHome2,
  IconRuler2,
  IconSettings,
  IconShieldCheck,
  IconStack2,
  IconTimeline,
} from '@tabler/icons-react';
import { type ComponentType, lazy } from 'react';

/** A page of the navigation. `letter` goes there after `g`. */
export interface Page {
  readonly path: string;
  readonly label: string;
  readonly letter: string;
  readonly purpose: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number }>;
}

/** The pages in the order in which people need them. */
export const pages: readonly Page[] = [
  {
    path: '/',
    label: 'Overview',
    letter: 'o',
    purpose: 'What it costs, saves, and waits for',
    icon: IconHome2,
  },
  {
    path: '/clusters',
    label: 'Clusters',
    letter: 'c',
    purpose: 'Nodes, pods and hourly cost',
    icon: IconStack2,
  },
  {
    path: '/decisions',
    label: 'Decisions',
    letter: 'd',
    purpose: 'Plans to approve, reject, stop',
    icon: IconBolt,
  },
  {
    path: '/policies',
    label: 'Policies',
    letter: 'p',
    purpose: 'What may start, when, and how much at once',
    icon: IconShieldCheck,
  },
  {
    path: '/rightsizing',
    label: 'Rightsizing',
    letter: 'r',
    purpose: 'What containers should ask for',
    icon: IconRuler2,
  },
  { path: '/savings', label: 'Savings', letter: 's', purpose: 'Realized beside predicted', icon: IconCoins },
  {
    path: '/forecasts',
    label: 'Forecasts',
    letter: 'f',
    purpose: 'Predictions against what happened',
    icon: IconChartLine,
  },
  {
    path: '/models',
    label: 'Models',
    letter: 'm',
    purpose: 'Upload, fill gaps, activate, compare',
    icon: IconBox,
  },
  {
    path: '/market',
    label: 'Market',
    letter: 'k',
    purpose: 'Spot prices, coverage, catalog',
    icon: IconTimeline,
  },
  { path: '/engines', label: 'Engines', letter: 'e', purpose: 'What makes decisions', icon: IconCpu },
  { path: '/settings', label: 'Settings', letter: 't', purpose: 'Access, audit, theme', icon: IconSettings },
];

/** Components of the pages, each loaded when it is first opened. */
export const pageComponents = {
  overview: lazy(() =>
    import('../pages/overview/overview-page.tsx').then(m => ({ default: m.OverviewPage })),
  ),
  clusters: lazy(() =>
    import('../pages/clusters/clusters-page.tsx').then(m => ({ default: m.ClustersPage })),
  ),
  cluster: lazy(() => import('../pages/clusters/cluster-page.tsx').then(m => ({ default: m.ClusterPage }))),
  decisions: lazy(() =>
    import('../pages/decisions/decisions-page.tsx').then(m => ({ default: m.DecisionsPage })),
  ),
  plan: lazy(() => import('../pages/decisions/plan-page/plan-page.tsx').then(m => ({ default: m.PlanPage }))),
  policies: lazy(() =>
    import('../pages/policies/policies-page.tsx').then(m => ({ default: m.PoliciesPage })),
  ),
  rightsizing: lazy(() =>
    import('../pages/rightsizing/rightsizing-page.tsx').then(m => ({ default: m.RightsizingPage })),
  ),
  savings: lazy(() => import('../pages/savings/savings-page.tsx').then(m => ({ default: m.SavingsPage }))),
  forecasts: lazy(() =>
    import('../pages/forecasts/forecasts-page.tsx').then(m => ({ default: m.ForecastsPage })),
  ),
  backtests: lazy(() =>
    import('../pages/backtests/backtests-page.tsx').then(m => ({ default: m.BacktestsPage })),
  ),
  backtest: lazy(() =>
    import('../pages/backtests/backtest-page.tsx').then(m => ({ default: m.BacktestPage })),
  ),
  models: lazy(() => import('../pages/models/models-page.tsx').then(m => ({ default: m.ModelsPage }))),
  compare: lazy(() =>
    import('../pages/models/compare/compare-page.tsx').then(m => ({ default: m.ComparePage })),
  ),
  experiment: lazy(() =>
    import('../pages/models/experiments/experiment-page.tsx').then(m => ({ default: m.ExperimentPage })),
  ),
  market: lazy(() => import('../pages/market/market-page.tsx').then(m => ({ default: m.MarketPage }))),
  engines: lazy(() => import('../pages/engines/engines-page.tsx').then(m => ({ default: m.EnginesPage }))),
  engineExperiment: lazy(() =>
    import('../pages/engines/experiments/engine-experiment-page.tsx').then(m => ({
      default: m.EngineExperimentPage,
    })),
  ),
  settings: lazy(() =>
    import('../pages/settings/settings-page.tsx').then(m => ({ default: m.SettingsPage })),
  ),
};
