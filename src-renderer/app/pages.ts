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
import { type UiPage, uiPages } from '../../common/ui-pages.ts';

/** A page of the navigation. */
export interface Page extends UiPage {
  readonly icon: ComponentType<{ size?: number; stroke?: number }>;
}

const icons: Readonly<Record<(typeof uiPages)[number]['path'], Page['icon']>> = {
  '/': IconHome2,
  '/clusters': IconStack2,
  '/decisions': IconBolt,
  '/policies': IconShieldCheck,
  '/rightsizing': IconRuler2,
  '/savings': IconCoins,
  '/forecasts': IconChartLine,
  '/models': IconBox,
  '/market': IconTimeline,
  '/engines': IconCpu,
  '/settings': IconSettings,
};

/** The pages in the order in which people need them. */
export const pages: readonly Page[] = uiPages.map(page => ({ ...page, icon: icons[page.path] }));

/** Components of the pages, each loaded when it is first opened. */
export const pageComponents = {
  overview: lazy(() =>
    import('../pages/overview/overview-page.tsx').then(m => ({ default: m.OverviewPage })),
  ),
  clusters: lazy(() =>
    import('../pages/clusters/clusters-page.tsx').then(m => ({ default: m.ClustersPage })),
  ),
  cluster: lazy(() => import('../pages/clusters/cluster-page.tsx').then(m => ({ default: m.ClusterPage }))),
  contexts: lazy(() =>
    import('../pages/clusters/kubeconfig/contexts-page.tsx').then(m => ({ default: m.ContextsPage })),
  ),
  contextPlan: lazy(() =>
    import('../pages/clusters/kubeconfig/context-plan-page.tsx').then(m => ({ default: m.ContextPlanPage })),
  ),
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
