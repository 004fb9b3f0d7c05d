/** What a run of a scenario is given. */
export interface ScenarioOptions {
  /** How much of it: kills, messages, drains; each scenario says of what. */
  readonly size: number;
  /** Decides everything that is random, as far as processes and the operating system let it. */
  readonly seed: number;
  /** Asked between rounds: true when no further one is to begin. */
  readonly isOver: () => boolean;
  /** How far it is, for who waits. */
  readonly say: (progress: string) => void;
}

/** What a run found. */
export interface Finding {
  /** How much was done, in the unit of the size. */
  readonly done: number;
  /** Figures worth telling, by name. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** What must not have happened and did, one sentence each; empty when all is well. */
  readonly misses: readonly string[];
}

/** Something that must hold under faults, at any size. */
export interface Scenario {
  /** The row of the scorecard: T1. */
  readonly row: string;
  readonly title: string;
  /** What the size counts: kills. */
  readonly unit: string;
  /** The size that the scorecard asks for. */
  readonly fullSize: number;
  run(options: ScenarioOptions): Promise<Finding>;
}

/** Looks every 20 ms until there is something; throws after `withinMs`. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  what: string,
  withinMs = 60_000,
): Promise<T> {
  const before = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > before) throw new Error(`${what} did not come within ${withinMs} ms`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
