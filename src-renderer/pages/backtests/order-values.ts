import type { BacktestOrder } from '../../../common/contracts/index.ts';
import { BASELINES, RISK_BASELINES, RISK_PREFIX } from './backtest-words.ts';

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
  /** What interruptions are held against; `undefined` until one was taken in. */
  readonly recording: BacktestOrder['recording'];
  readonly onlyAvailable: boolean;
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
  recording: undefined,
  onlyAvailable: false,
};

/** Why it cannot be sent; `undefined` when it can. */
export function whyNotTest(values: OrderValues, task: TestedTask): string | undefined {
  if (values.modelId === null) return 'Choose what to test.';
  if (task === 'interruption' && values.recording === undefined)
    return 'Give a recording of what could be had.';
  const from = dayStart(values.from);
  const to = dayStart(values.to);
  if (from !== undefined && to !== undefined && from >= to) return 'The last day must come after the first.';
  if (values.isWorthAsked && values.deadlineHours < values.workHours)
    return 'A job needs at least as much time as it has work.';
  return undefined;
}

/** The order as the server takes it; `undefined` without a model. */
export function backtestOrderOf(values: OrderValues, task: TestedTask): BacktestOrder | undefined {
  const { stepMinutes, includeTrained, workHours, deadlineHours, recording } = values;
  if (values.modelId === null) return undefined;
  const modelId = values.modelId.replace(RISK_PREFIX, '');
  const isOfPrices = task === 'spot-price';
  const fromMs = dayStart(values.from);
  const toMs = dayStart(values.to);
  return {
    modelId,
    stepMinutes,
    includeTrained,
    origins: values.onlyAvailable && !isOfPrices ? 'available' : 'all',
    ...(isOfPrices || recording === undefined ? {} : { recording }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(isBaseline(values.modelId) ? { horizonHours: values.horizonHours } : {}),
    ...(values.isWorthAsked
      ? {
          policy: {
            ...{ workHours, deadlineHours, changeoverMinutes: 12 },
            // Recordings are of weeks, prices of months.
            everyHours: isOfPrices ? 168 : 24,
          },
        }
      : {}),
  };
}

/** Whether it is a baseline, which has no horizon of its own. */
export function isBaseline(modelId: string | null): boolean {
  return [...BASELINES, ...RISK_BASELINES].some(({ value }) => value === modelId);
}

/** What is tested: prices on the prices on disk, interruptions on a recording. */
export type TestedTask = 'spot-price' | 'interruption';

/** The task of what was chosen. @param risky ids of models of interruptions */
export function taskOf(modelId: string | null, risky: readonly string[]): TestedTask {
  const isRisk = modelId !== null && (modelId.startsWith(RISK_PREFIX) || risky.includes(modelId));
  return isRisk ? 'interruption' : 'spot-price';
}

/** Midnight of a day in the reader's zone, in milliseconds. */
function dayStart(day: string): number | undefined {
  const at = day === '' ? Number.NaN : new Date(`${day}T00:00`).getTime();
  return Number.isNaN(at) ? undefined : at;
}
