import type { Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Clock, Logger } from '../platform/index.ts';
import type { ActivationStore } from './activation-store.ts';
import type { OpenSessions } from './open-sessions.ts';
import { READY_SHARE } from './refresh-coverage.ts';

/** What an activation needs. */
export interface ActivationParts {
  readonly activations: ActivationStore;
  readonly sessions: Pick<OpenSessions, 'open'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly get: (id: string) => Promise<Model>;
  readonly publish: (id: string) => Promise<Model>;
  readonly publishExperiments: () => Promise<void>;
  readonly refresh: () => Promise<void>;
}

/** @throws AppError `model.not-ready` for a model whose gap is open. */
export function demandReady(model: Model): void {
  if (model.coveredShare >= READY_SHARE || model.state === 'faulty') return;
  const percent = Math.floor(model.coveredShare * 100);
  throw new AppError(
    'model.not-ready',
    `The gap of "${model.manifest.name}" is open: ${percent} % of the time that its features need is on disk.`,
  );
}
