import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Provenance } from '../../common/contracts/index.ts';
import { formatUsd, formatUsdPerHour, formatUsdPerMonth } from '../../common/units/index.ts';
import { formatExact } from './time-text.ts';
import { UnknownText } from './unknown-text.tsx';

interface MoneyProps {
  /** Micro-USD, or micro-USD per hour with `per`. `null` is unknown. */
  readonly value: number | null | undefined;
  /** `hour` shows the price as it is, `month` for 730 hours; absent for an amount. */
  readonly per?: 'hour' | 'month';
  /** Why it is unknown, and how to find out. */
  readonly unknown?: string;
  readonly provenance?: Provenance | null;
}

/** Money with its unit; where it comes from on hover; "unknown" with the reason where there is none. */
export function MoneyText({ value, per, unknown, provenance }: MoneyProps): ReactNode {
  if (value === null || value === undefined)
    return <UnknownText reason={unknown ?? 'No source gave this figure yet.'} />;
  const text = moneyText(value, per);
  if (!provenance) return text;
  return (
    <span className="co-hint" data-tip={`${provenance.source}, as of ${formatExact(provenance.asOf)}`}>
      {text}
    </span>
  );
}

/** A saving (green, ↓) or an additional cost (orange, ↑) per month, never by colour alone. */
export function SavingText({ perHour }: { readonly perHour: number }) {
  const isSaving = perHour >= 0;
  return (
    <Text span inherit fw={620} c={isSaving ? 'var(--co-saving-text)' : 'var(--co-risk-text)'}>
      {isSaving ? '↓ ' : '↑ '}
      {formatUsdPerMonth(Math.abs(perHour))}
    </Text>
  );
}

/** Money as text: an amount, `…/h` or `…/month`. */
export function moneyText(value: number, per?: 'hour' | 'month'): string {
  if (per === 'hour') return formatUsdPerHour(value);
  return per === 'month' ? formatUsdPerMonth(value) : formatUsd(value);
}
