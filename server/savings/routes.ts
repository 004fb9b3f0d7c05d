import { api } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Routes } from '../platform/index.ts';
import type { Savings } from './create-savings.ts';

/** Adds `api.savings` to the server. */
export function addSavingRoutes(routes: Routes, savings: Savings): void {
  routes.add(api.savings.getSavings, async () => ({
    summary: savings.summary(),
    entries: savings.entries(),
  }));
  routes.add(api.savings.costHistory, async ({ query: { fromMs, toMs } }) => {
    if (toMs <= fromMs)
      throw new AppError('input.invalid', `toMs (${toMs}) must lie after fromMs (${fromMs}).`);
    return { points: await savings.costHistory(fromMs, toMs) };
  });
}
