import { MS_PER_DAY } from '../../../common/units/index.ts';
import { useScope } from '../../app/scope.tsx';
import { useNow } from '../../components/now.ts';
import { useRemembered } from '../../components/remembered.ts';

/** How far back the page looks, in days. */
export const SPANS = { '24 h': 1, '7 days': 7, '30 days': 30, '90 days': 90 } as const;
export type Span = keyof typeof SPANS;

/** The time and the clusters that the whole page is about. */
export interface SavingsRange {
  readonly span: Span;
  readonly fromMs: number;
  readonly nowMs: number;
  readonly clusterId: string | undefined;
  /** What a call about it is asked with; its end is the present. */
  readonly query: { readonly fromMs: number; readonly clusterId?: string };
}

/** The time that the reader chose, moving on by the minute. */
export function useSavingsRange(): [SavingsRange, (span: Span) => void] {
  const [remembered, choose] = useRemembered<Span>('savings.span', '30 days');
  const span = remembered in SPANS ? remembered : '30 days';
  const nowMs = useNow(60_000);
  const { clusterId } = useScope();
  const fromMs = nowMs - SPANS[span] * MS_PER_DAY;
  const query = { fromMs, ...(clusterId === undefined ? {} : { clusterId }) };
  return [{ span, fromMs, nowMs, clusterId, query }, choose];
}
