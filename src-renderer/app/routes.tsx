import { Skeleton, Stack } from '@mantine/core';
import { Suspense } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { EmptyState } from '../components/empty-state.tsx';
import { PageErrorBoundary } from './page-error-boundary.tsx';
import { pageComponents as page } from './pages.ts';

/** The page of the present address. Every address survives a reload. */
export function Routes() {
  const [location] = useLocation();
  return (
    <PageErrorBoundary key={location.split('/')[1] ?? ''}>
      <Suspense fallback={<PageSkeleton />}>
        <Switch>
          <Route path="/" component={page.overview} />
          <Route path="/clusters" component={page.clusters} />
          <Route path="/clusters/kubeconfig" component={page.contexts} />
          <Route path="/clusters/kubeconfig/:plan" component={page.contextPlan} />
          <Route path="/clusters/:id/:tab?/:item?" component={page.cluster} />
          <Route path="/decisions/:id/plan" component={page.plan} />
          <Route path="/decisions/:id?" component={page.decisions} />
          <Route path="/policies/:scope?" component={page.policies} />
          <Route path="/rightsizing/:id?" component={page.rightsizing} />
          <Route path="/savings/:id?" component={page.savings} />
          <Route path="/forecasts" component={page.forecasts} />
          <Route path="/forecasts/backtests" component={page.backtests} />
          <Route path="/forecasts/backtests/:job" component={page.backtest} />
          <Route path="/models/compare" component={page.compare} />
          <Route path="/models/experiments/:id" component={page.experiment} />
          <Route path="/models/:id?" component={page.models} />
          <Route path="/market/:view?" component={page.market} />
          <Route path="/engines/experiments/:id" component={page.engineExperiment} />
          <Route path="/engines/:id?" component={page.engines} />
          <Route path="/settings" component={page.settings} />
          <Route>
            <EmptyState
              title="There is no such page"
              text="The address may be from an older version."
              action={<Link href="/">Go to the overview</Link>}
            />
          </Route>
        </Switch>
      </Suspense>
    </PageErrorBoundary>
  );
}

function PageSkeleton() {
  return (
    <Stack gap="lg" role="status" aria-label="Loading the page">
      <Skeleton height={30} width={220} />
      <Skeleton height={92} radius="md" />
      <Skeleton height={300} radius="md" />
    </Stack>
  );
}
