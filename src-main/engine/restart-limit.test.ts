import { expect, it } from 'vitest';
import { RestartLimit } from './restart-limit.ts';

it('gives up at the third end within five minutes', () => {
  let now = 0;
  const limit = new RestartLimit(() => now);
  expect(limit.mayRestart()).toBe(true);
  now = 200_000;
  expect(limit.mayRestart()).toBe(true);
  now = 299_999;
  expect(limit.mayRestart()).toBe(false);
});

it('goes on for ever where the ends are far apart, and anew when a person starts it', () => {
  let now = 0;
  const limit = new RestartLimit(() => now);
  for (let end = 0; end < 10; end++) {
    expect(limit.mayRestart()).toBe(true);
    now += 150_001;
  }
  expect([limit.mayRestart(), limit.mayRestart()]).toEqual([true, false]);
  limit.reset();
  expect(limit.mayRestart()).toBe(true);
});
