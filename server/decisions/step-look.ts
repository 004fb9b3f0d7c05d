import type { PlanStep } from '../../common/contracts/index.ts';

/** How far a step of the engine is. `gone`: uids of nodes of the wave, and of pods that were to leave others, that went by themselves. */
export type StepLook =
  | { readonly state: 'waits'; readonly detail?: string; readonly change?: Partial<PlanStep> }
  | {
      readonly state: 'done' | 'failed' | 'skipped';
      readonly detail: string;
      readonly change?: Partial<PlanStep>;
      readonly gone?: readonly string[];
    };
