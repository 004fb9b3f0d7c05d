/** A HorizontalPodAutoscaler on utilization, and the load it works against. */
export interface ScaledLoad {
  /** Requested by one pod now, in the unit of the load; what the target is a share of. */
  readonly request: number;
  /** Used by all pods together at the percentile that is sized for. */
  readonly load: number;
  /** Share of the request at which replicas are added: 0…1 and above. */
  readonly target: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** A request is this many times what a pod uses. */
  readonly margin: number;
}

/** Where request and replicas rest together, or how strongly they drive each other. */
export type FixedPoint =
  | { readonly rests: true; readonly request: number; readonly replicas: number; readonly isHeldUp: boolean }
  | { readonly rests: false; readonly gain: number };

const ROUNDS = 100;
/** The gain is 1 in theory where replicas follow the load; figures are never that exact. */
const LEAST_GAIN = 1 - 1e-6;

/**
 * Looks for a request and a number of replicas that lead to each other: replicas = load / (target × request), within their bounds
 * (Kubernetes, HorizontalPodAutoscaler algorithm; its rounding up and its tolerance of 10 % are left out, so that the answer does
 * not hang on them), request = margin × load / replicas.
 *
 * Where replicas follow the load, a pod uses target × request whatever the request: each new request leads to another one, and the
 * gain of the loop, d ln(next) / d ln(request), is 1 or more. That is refused. Where replicas are at a bound, use per pod does not
 * depend on the request, and the loop rests: but below load / (target × minReplicas) replicas would leave their lower bound, so the
 * request is held up there.
 */
export function hpaFixedPoint(scaled: ScaledLoad): FixedPoint {
  const { load, target, minReplicas } = scaled;
  let { request } = scaled;
  const first = gainAt(scaled, request);
  if (!(first < LEAST_GAIN)) return { rests: false, gain: first };
  const holdUp = load / (target * minReplicas);
  const isAtMinimum = replicasAt(scaled, request) <= minReplicas;
  for (let round = 0; round < ROUNDS; round++) {
    const wanted = nextRequest(scaled, request);
    const next = isAtMinimum ? Math.max(wanted, holdUp) : wanted;
    if (Math.abs(next - request) <= 1e-9 * request) {
      const replicas = Math.ceil(replicasAt(scaled, next) - 1e-9);
      return { rests: true, request: next, replicas, isHeldUp: next > wanted };
    }
    // On the edge where it is held up, the loop is steady towards larger requests, and smaller ones are not taken.
    const gain = next === holdUp && isAtMinimum ? 0 : gainAt(scaled, next);
    if (!(gain < LEAST_GAIN)) return { rests: false, gain };
    request = next;
  }
  return { rests: false, gain: gainAt(scaled, request) };
}

function replicasAt({ load, target, minReplicas, maxReplicas }: ScaledLoad, request: number): number {
  return Math.min(maxReplicas, Math.max(minReplicas, load / (target * request)));
}

function nextRequest(scaled: ScaledLoad, request: number): number {
  return (scaled.margin * scaled.load) / replicasAt(scaled, request);
}

function gainAt(scaled: ScaledLoad, request: number): number {
  const step = 1e-4;
  const up = nextRequest(scaled, request * (1 + step));
  const down = nextRequest(scaled, request / (1 + step));
  return Math.log(up / down) / (2 * Math.log1p(step));
}
