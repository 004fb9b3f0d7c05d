type Values = Readonly<Record<string, unknown>>;

/** Address of a call: `:names` of the path filled from `params`, `query` behind it; `undefined` values are left out. */
export function apiPath(path: string, params: Values = {}, query: Values = {}): string {
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

/** A piece of a page's own address. Dots are escaped too, because a server takes a last dot for a file's ending. */
export function pagePart(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E');
}
