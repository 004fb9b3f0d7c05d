/** A page of the control-center. `letter` goes there after `g`. */
export interface UiPage {
  readonly path: string;
  readonly label: string;
  readonly letter: string;
  readonly purpose: string;
}

/** The pages in the order in which people need them. */
export const uiPages = [
  { path: '/', label: 'Overview', letter: 'o', purpose: 'What it costs, saves, and waits for' },
  { path: '/clusters', label: 'Clusters', letter: 'c', purpose: 'Nodes, pods and hourly cost' },
  { path: '/decisions', label: 'Decisions', letter: 'd', purpose: 'Plans to approve, reject, stop' },
  {
    path: '/policies',
    label: 'Policies',
    letter: 'p',
    purpose: 'What may start, when, and how much at once',
  },
  { path: '/rightsizing', label: 'Rightsizing', letter: 'r', purpose: 'What containers should ask for' },
  { path: '/savings', label: 'Savings', letter: 's', purpose: 'Realized beside predicted' },
  { path: '/forecasts', label: 'Forecasts', letter: 'f', purpose: 'Predictions against what happened' },
  { path: '/models', label: 'Models', letter: 'm', purpose: 'Upload, fill gaps, activate, compare' },
  { path: '/market', label: 'Market', letter: 'k', purpose: 'Spot prices, coverage, catalog' },
  { path: '/engines', label: 'Engines', letter: 'e', purpose: 'What makes decisions' },
  { path: '/settings', label: 'Settings', letter: 't', purpose: 'Access, audit, theme' },
] as const satisfies readonly UiPage[];

/** Whether a path lies under a page: `/clusters/abc` does. */
export function isUiPath(path: string): boolean {
  if (path === '/') return true;
  const first = path.split('/')[1] ?? '';
  return first !== '' && uiPages.some(page => page.path === `/${first}`);
}
