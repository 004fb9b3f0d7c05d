/** The address at which two versions stand side by side. */
export function comparePath(a: string, b: string): string {
  return `/models/compare?${new URLSearchParams({ a, b })}`;
}
