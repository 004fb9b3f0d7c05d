/** Probabilities of about the same height, and what happened. Shares 0…1. */
export interface RiskBin {
  readonly from: number;
  readonly to: number;
  readonly predicted: number;
  readonly observed: number;
  readonly count: number;
  readonly happened: number;
}
