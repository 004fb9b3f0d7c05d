/** Takes the token of a sign-in link (`…/#token=…`) out of the address, so that it stays in no history or bookmark. */
export function takeTokenFromAddress(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return token === '' ? undefined : token;
}

/** Why the single sign-on sent the browser back; taken out of the address like a token. */
export function takeSignOnProblem(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
): string | undefined {
  const problem = new URLSearchParams(location.hash.slice(1)).get('sign-in-problem');
  if (problem === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return problem;
}
