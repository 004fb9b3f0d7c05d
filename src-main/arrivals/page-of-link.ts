/** What a deep link leads to: a page of the UI, or why to none. */
export type LinkTarget = { readonly path: string } | { readonly refusal: string };

const MAX_LENGTH = 300;
const PAGES: Readonly<Record<string, string>> = { cluster: '/clusters', plan: '/decisions' };

/** `cloudoptim://`, the kind, and an id as CloudOptim makes them; nothing before, between or behind. */
const LINK = /^cloudoptim:\/\/([a-z]+)\/([a-z0-9][a-z0-9_-]{0,127})\/?$/i;

/**
 * The page of a deep link `cloudoptim://cluster/<id>` or `cloudoptim://plan/<id>`. A link only ever leads to a page: it carries no action,
 * no query, no other address.
 */
export function pageOfLink(link: string): LinkTarget {
  const shown = link.length > 80 ? `${link.slice(0, 80)}…` : link;
  const refusal = `The link "${shown}" leads nowhere in CloudOptim.`;
  if (link.length > MAX_LENGTH) return { refusal };
  const [, kind = '', id = ''] = LINK.exec(link) ?? [];
  const page = Object.hasOwn(PAGES, kind.toLowerCase()) ? PAGES[kind.toLowerCase()] : undefined;
  return page === undefined ? { refusal } : { path: `${page}/${id}` };
}
