/** One line of the agent's log. Never pass a key, a token or a whole object of the cluster. */
export interface Log {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** A log of one JSON object per line: `{"at":…,"level":…,"message":…, …facts}`. */
export function createLog(write: (line: string) => void, now: () => number): Log {
  const line =
    (level: string) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) =>
      write(`${JSON.stringify({ at: new Date(now()).toISOString(), level, message, ...facts })}\n`);
  return { info: line('info'), warn: line('warn') };
}

/** What an unknown thrown thing says, in words. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.name;
}
