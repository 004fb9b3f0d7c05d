import type { EngineState } from '../../common/desktop-bridge.ts';
import { formatUsd, formatUsdPerHour } from '../../common/units/index.ts';
import type { EngineNews } from '../alerts/watch-engine.ts';

/** What the tray says: what waits, what is saved, and of the engine unless it simply runs. */
export interface TrayText {
  readonly waiting: string;
  readonly savings: string;
  readonly engine: string | undefined;
}

/** @param news `undefined` until the engine has told something */
export function trayText(news: EngineNews | undefined, engine: EngineState): TrayText {
  return { waiting: waitingText(news), savings: savingsText(news), engine: engineText(engine) };
}

function waitingText(news: EngineNews | undefined): string {
  const count = news?.waiting.length;
  if (count === undefined) return 'Waiting plans: unknown';
  if (count === 0) return 'Nothing waits for approval';
  return count === 1 ? '1 plan waits for approval' : `${count} plans wait for approval`;
}

function savingsText(news: EngineNews | undefined): string {
  const savings = news?.savings;
  if (!savings) return 'Savings: unknown';
  const month = `Saved this month: ${formatUsd(savings.realizedThisMonthMicroUsd)}`;
  // A rate that leaves plans out is not the whole rate.
  const isWhole = savings.unknownPlans === 0;
  return `${month} (${isWhole ? '' : 'at least '}${formatUsdPerHour(savings.realizedMicroUsdPerHour)} now)`;
}

function engineText(engine: EngineState): string | undefined {
  if (engine.state === 'starting') return 'The engine starts';
  if (engine.state === 'restarting') return 'The engine starts again';
  return engine.state === 'failed' ? 'The engine does not run' : undefined;
}
