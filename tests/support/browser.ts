import { existsSync } from 'node:fs';

const systemBrowsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

// As root Chromium refuses its own sandbox; it only ever loads pages of this project here.
const base = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** How to start a Chromium that is here already: the one of the system, else the one inside an npm package. */
export async function browserLaunchOptions(): Promise<{ executablePath: string; args: string[] }> {
  const system = systemBrowsers.find(path => existsSync(path));
  if (system !== undefined) return { executablePath: system, args: [...base, ...quiet] };
  const { default: chromium } = await import('@sparticuz/chromium');
  return { executablePath: await chromium.executablePath(), args: [...chromium.args, ...quiet] };
}

/** The same Chromium with all that guards a page: the package's own flags turn the same-origin policy off. */
export async function strictBrowserLaunchOptions(): Promise<{ executablePath: string; args: string[] }> {
  const { executablePath } = await browserLaunchOptions();
  return { executablePath, args: [...base, ...quiet, '--disable-gpu'] };
}
