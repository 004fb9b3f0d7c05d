import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, expect, type Page } from '@playwright/test';
import type { Demo } from './demo-process.ts';

/** A page that has signed in to a demo. */
export interface SignedIn {
  readonly page: Page;
  /** What broke in the browser, and what it asked for elsewhere, one by one as it happens; refusals that the browser logs are no faults where they are expected. */
  readonly faults: readonly string[];
}

/** Opens a page of its own and signs in. @param expected errors in the console that the test itself causes */
export async function openSignedIn(
  browser: Browser,
  demo: Pick<Demo, 'signInLink'>,
  { expected, ...context }: BrowserContextOptions & { readonly expected?: RegExp } = {},
): Promise<SignedIn> {
  const page = await (await browser.newContext(context)).newPage();
  const faults: string[] = [];
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error' && expected?.test(message.text()) !== true) faults.push(message.text());
  });
  hearElsewhere(page, { url: new URL(demo.signInLink).origin }, faults);
  await page.goto(demo.signInLink);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  return { page, faults };
}

/** Notes whatever the page asks of anybody but the engine. */
export function hearElsewhere(page: Page, { url }: Pick<Demo, 'url'>, faults: string[]): void {
  page.on('request', request => {
    const { protocol, origin } = new URL(request.url());
    // Files that the page makes by itself are no requests.
    if (!['blob:', 'data:'].includes(protocol) && origin !== url)
      faults.push(`The page asked for ${request.url()}.`);
  });
}

/** Holds the page as it is now, in both themes, against the rules of axe for WCAG 2.2 AA. */
export async function axeFindsNothing(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    // A colour on its way from one theme to the other is neither.
    await page.evaluate(async () => {
      const finite = document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
      await Promise.allSettled(finite.map(({ finished }) => finished));
    });
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag22aa'])
      .analyze();
    expect(violations.map(one => `${one.id}: ${one.nodes[0]?.target.join(' ')}`)).toEqual([]);
  }
}
