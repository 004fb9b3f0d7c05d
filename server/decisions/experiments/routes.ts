import { api } from '../../../common/contracts/index.ts';
import type { Routes } from '../../platform/index.ts';
import type { EngineExperiments } from './engine-experiments.ts';

/** Calls about experiments between engines. */
export function addEngineExperimentRoutes(routes: Routes, experiments: EngineExperiments): void {
  const calls = api.engineExperiments;
  routes.add(calls.startEngineExperiment, ({ body, actor }) => experiments.start(body, actor.label));
  routes.add(calls.stopEngineExperiment, ({ params, body, actor }) =>
    experiments.stop(params.id, actor.label, body.reason ?? null),
  );
  routes.add(calls.promoteEngine, ({ params, actor }) => experiments.promote(params.id, actor.label));
  routes.add(calls.listEngineExperiments, async () => ({ experiments: await experiments.list() }));
  routes.add(calls.getEngineExperiment, ({ params }) => experiments.get(params.id));
  routes.add(calls.engineLedger, async ({ query }) => ({ entries: await experiments.ledger(query) }));
}
