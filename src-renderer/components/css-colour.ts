/**
 * The value of a colour of the theme, `--co-…`, in a scheme. A canvas knows no CSS variables: read them anew when the
 * scheme changes.
 */
export function cssColour(name: string, _scheme: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
