import { AppError } from '../../common/errors.ts';
import type { ClusterRow } from './enrolment-store.ts';

/** Another engine. */
export interface HomeEngine {
  readonly engineId: string;
  readonly name: string;
}

/** Which engine acts on a cluster: this one where `movedTo` is null. */
export interface ClusterHome {
  readonly epoch: number;
  readonly movedTo: HomeEngine | null;
}

/** As its row says it. */
export function homeOf({ home_epoch, moved_to }: Pick<ClusterRow, 'home_epoch' | 'moved_to'>): ClusterHome {
  return {
    epoch: Number(home_epoch),
    movedTo: moved_to === null ? null : (JSON.parse(moved_to) as HomeEngine),
  };
}

/** @throws AppError `cluster.moved` where another engine acts on the cluster */
export function demandAtHome(name: string, { movedTo }: ClusterHome): void {
  if (movedTo)
    throw new AppError('cluster.moved', `Cluster "${name}" was moved to the engine "${movedTo.name}".`);
}

/** As `demandAtHome`, by a row. */
export function demandHome(row: ClusterRow): void {
  demandAtHome(row.name, homeOf(row));
}
