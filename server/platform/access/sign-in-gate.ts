import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../../common/errors.ts';

/** Wrong tries that are looked at: from one address, and for one name whoever tries it. */
const LIMITS = {
  address: { points: 10, duration: 60 },
  name: { points: 30, duration: 15 * 60 },
};

/** Slows down whoever guesses tokens or passwords. Right ones are counted only until they turn out to be right. */
export class SignInGate {
  readonly #limiters = {
    address: new RateLimiterMemory(LIMITS.address),
    name: new RateLimiterMemory(LIMITS.name),
  };

  /**
   * Runs a check unless there were too many wrong tries; what it throws counts as one.
   * @param keys the address of the client, and the name that is tried where one is
   * @throws AppError `access.too-many-tries` with `details.retryAfterSeconds`, and what the check throws
   */
  async pass<Result>(
    keys: { readonly address: string; readonly name?: string },
    check: () => Promise<Result>,
  ): Promise<Result> {
    const counted: (() => Promise<unknown>)[] = [];
    for (const [kind, key] of Object.entries(keys) as ['address' | 'name', string][]) {
      const limiter = this.#limiters[kind];
      // Counted before the check: a hundred tries at once are a hundred.
      await limiter.consume(key).catch((reason: RateLimiterRes) => {
        throw tooMany(Math.max(1, Math.ceil(reason.msBeforeNext / 1000)));
      });
      counted.push(() => limiter.reward(key));
    }
    const result = await check();
    for (const takeBack of counted) await takeBack();
    return result;
  }
}

function tooMany(retryAfterSeconds: number): AppError {
  return new AppError(
    'access.too-many-tries',
    `There were too many wrong tries to sign in; the next is looked at in ${retryAfterSeconds} s.`,
    { details: { retryAfterSeconds } },
  );
}
