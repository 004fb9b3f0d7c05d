import type { RightsizingAnswer, SizedAsIs, SizingProposal } from '../../../common/contracts/index.ts';

/** A container with what is said of it, and where it runs. */
export interface SizedRow {
  readonly id: string;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly sized: SizingProposal | SizedAsIs;
}

/** A row that has a recommendation. */
export interface ProposalRow extends SizedRow {
  readonly sized: SizingProposal;
}

/** Whether there is something to change. */
export function isProposal(row: SizedRow): row is ProposalRow {
  return 'recommended' in row.sized;
}

/** The rows of the answers for clusters. */
export function sizedRows(
  answers: readonly RightsizingAnswer[],
  clusterName: (id: string) => string,
): SizedRow[] {
  return answers.flatMap(({ clusterId, proposals, left }) =>
    [...proposals, ...left].map(sized => ({
      id: `${clusterId}/${sized.workload.key}/${sized.container}`,
      clusterId,
      clusterName: clusterName(clusterId),
      sized,
    })),
  );
}
