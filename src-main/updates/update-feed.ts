import { parse } from 'yaml';
import { z } from 'zod';

/** Whether the app may bring itself up to date; `reason` says why not. */
export type UpdateFeed = { readonly isOn: true } | { readonly isOn: false; readonly reason: string };

const feedFile = z.object({
  provider: z.string(),
  url: z.url({ protocol: /^https$/ }),
  publisherName: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
});

/**
 * Looks at the feed that the packaged app carries (`app-update.yml`, written by electron-builder) before anything asks it. Closed unless
 * everything that makes an update authentic is there: https, and a signature that the platform or electron-updater checks.
 * @param text of the file; `undefined` where there is none
 */
export function updateFeed(text: string | undefined, platform: NodeJS.Platform): UpdateFeed {
  if (text === undefined) return off('no feed is configured');
  if (platform !== 'darwin' && platform !== 'win32')
    return off('packages of this system are not signed by us; update them as they were installed');
  const feed = feedFile.safeParse(parseYaml(text));
  if (!feed.success) return off('the feed is damaged or has no https address');
  if (feed.data.provider !== 'generic') return off(`feeds of ${feed.data.provider} are not supported`);
  // Without a publisher electron-updater takes any installer for ours.
  if (platform === 'win32' && feed.data.publisherName === undefined)
    return off('the feed names no publisher whose signature is asked for');
  return { isOn: true };
}

function off(reason: string): UpdateFeed {
  return { isOn: false, reason };
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
