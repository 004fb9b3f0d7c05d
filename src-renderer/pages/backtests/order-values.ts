import type { BacktestOrder } from '../../../common/contracts/index.ts';
import { BASELINES } from './backtest-words.ts';

/** What the dialog holds. */
export interface OrderValues {
  /** Id of a model, or name of a baseline. */
  readonly modelId: string | null;
  /** `2026-10-20`, the reader's days; empty for the usual. */
  readonly from: string;
  readonly to: string;
  readonly stepMinutes: number;
  readonly horizonHours: number;
  readonly includeTrained: boolean;
  readonly isWorthAsked: boolean;
  readonly workHours: number;
  readonly deadlineHours: number;
}

/** The defaults of the contract. */
export const INITIAL_ORDER: OrderValues = {
  modelId: null,
  from: '',
  to: '',
  stepMinutes: 60,
  horizonHours: 24,
  includeTrained: false,
  isWorthAsked: false,
  workHours: 24,
  deadlineHours: 30,
};

/** Why it cannot be sent; `undefined` when it can. */
export function whyNotTest(values: OrderValues): string | undefined {
  if (values.modelId === null) return 'Choose what to test.';
  const from = dayStart(values.from);
  const to = dayStart(values.to);
  if (from !== undefined && to !== undefined && from >= to) return 'The last day must come after the first.';
  if (values.isWorthAsked && values.deadlineHours < values.workHours)
    return 'A job needs at least as much time as it has work.';
  return undefined;
}

/** The order as the server takes it; `undefined` without a model. */
export function backtestOrderOf(values: OrderValues): BacktestOrder | undefined {
  const { modelId, stepMinutes, includeTrained, workHours, deadlineHours } = values;
  if (modelId === null) return undefined;
  const fromMs = dayStart(values.from);
  const toMs = dayStart(values.to);
  return {
    modelId,
    stepMinutes,
    includeTrained,
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(isBaseline(modelId) ? { horizonHours: values.horizonHours } : {}),
    ...(values.isWorthAsked
      ? { policy: { workHours, deadlineHours, changeoverMinutes: 12, everyHours: 168 } }
      : {}),
  };
}

/** Whether it is a baseline, which has no horizon of its own. */
export function isBaseline(modelId: string | null): boolean {
  return BASELINES.some(({ value }) => value === modelId);
}

/** Midnight of a day in the reader's zone, in milliseconds. */
function dayStart(day: string): number | undefined {
  const at = day === '' ? Number.NaN : new Date(`${day}T00:00`).getTime();
  return Number.isNaN(at) ? undefined : at;
}
