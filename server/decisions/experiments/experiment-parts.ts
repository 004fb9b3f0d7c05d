import type { Clock, Database, LiveHub, Logger } from '../../platform/index.ts';
import type { ClusterControl } from '../neighbours.ts';
import type { EngineRegistry } from '../plug-ins/engine-registry.ts';

/** What experiments between engines are made from. */
export interface EngineExperimentParts {
  readonly database: Database;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly engines: EngineRegistry;
  readonly clusters: Pick<ClusterControl, 'summaries'>;
}
