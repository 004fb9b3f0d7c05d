import { api } from '../../../common/contracts/index.ts';
import type { Routes } from '../../platform/index.ts';
import type { Decisions } from '../create-decisions.ts';

/** Adds `api.capacity` to the server. */
export function addCapacityRoutes(routes: Routes, { capacity }: Pick<Decisions, 'capacity'>): void {
  routes.add(api.capacity.getCapacity, ({ params }) => capacity.choiceOf(params.id));
  routes.add(api.capacity.chooseCapacity, ({ params, body, actor }) =>
    capacity.choose(params.id, body, actor.label),
  );
}
