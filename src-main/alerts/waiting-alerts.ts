import type { Plan } from '../../common/contracts/index.ts';
import { formatUsdPerMonth } from '../../common/units/index.ts';

/** A notification, and the page that a click on it opens. */
export interface Alert {
  readonly title: string;
  readonly body: string;
  readonly path: string;
}

/** A run tells its plans one by one; a person is told once. */
const GATHER_MS = 2_000;

/** Says once of each plan that it waits for approval; plans that come together are told together. */
export class WaitingAlerts {
  readonly #show: (alert: Alert) => void;
  readonly #told = new Set<string>();
  #waiting: readonly Plan[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(show: (alert: Alert) => void) {
    this.#show = show;
  }

  /** @param waiting all plans that wait now */
  hear(waiting: readonly Plan[]): void {
    this.#waiting = waiting;
    if (this.#untold().length > 0) this.#gathering ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  #untold(): Plan[] {
    return this.#waiting.filter(({ id }) => !this.#told.has(id));
  }

  #tell(): void {
    this.#gathering = undefined;
    // What was decided meanwhile does not wait any more.
    const plans = this.#untold();
    for (const { id } of plans) this.#told.add(id);
    const [plan] = plans;
    if (plan) this.#show(plans.length === 1 ? alertOfOne(plan) : alertOfMany(plans));
  }
}

function alertOfOne({ id, title, clusterName, cost }: Plan): Alert {
  return {
    title: 'A plan waits for your approval',
    body: `${title}, ${clusterName}: saves ${formatUsdPerMonth(cost.savingMicroUsdPerHour)}`,
    path: `/decisions/${id}`,
  };
}

function alertOfMany(plans: readonly Plan[]): Alert {
  const saving = plans.reduce((sum, { cost }) => sum + cost.savingMicroUsdPerHour, 0);
  const clusters = [...new Set(plans.map(({ clusterName }) => clusterName))];
  return {
    title: `${plans.length} plans wait for your approval`,
    body: `${clusters.slice(0, 3).join(', ')}${clusters.length > 3 ? ' and others' : ''}: together ${formatUsdPerMonth(saving)}`,
    path: '/decisions?state=waiting',
  };
}
