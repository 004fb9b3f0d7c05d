import type {
  EngineArm,
  EngineExperiment,
  EngineExperimentResult,
} from '../../../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../../../common/units/index.ts';
import { formatShare, threeDigits } from '../../../components/number-text.ts';
import { UnknownText } from '../../../components/unknown-text.tsx';

/** What each of the two engines proposed, on average over its runs. */
export function EngineArms({
  experiment,
  result,
}: {
  readonly experiment: EngineExperiment;
  readonly result: EngineExperimentResult;
}) {
  return (
    <table className="co-table" aria-label="What each proposes">
      <thead>
        <tr>
          <th scope="col">Engine</th>
          <th scope="col" data-align="right">
            Clusters
          </th>
          <th scope="col" data-align="right">
            Runs
          </th>
          <th scope="col" data-align="right">
            Saving proposed
          </th>
          <th scope="col" data-align="right">
            Of the cost
          </th>
          <th scope="col" data-align="right">
            Pods moved for $1/h
          </th>
        </tr>
      </thead>
      <tbody>
        <Arm name={`${experiment.challengerName} (challenger)`} arm={result.challenger} />
        <Arm name={`${experiment.championName} (champion)`} arm={result.champion} />
      </tbody>
    </table>
  );
}

function Arm({ name, arm }: { readonly name: string; readonly arm: EngineArm }) {
  const { clusters, runs, savedMicroUsdPerHour, savedShare, movesPerUsdPerHour } = arm;
  const none = <UnknownText reason="It has answered in no run whose cost was known." />;
  const noDollar = <UnknownText reason="It has proposed no saving so far." />;
  return (
    <tr>
      <td>{name}</td>
      <td data-align="right">{clusters}</td>
      <td data-align="right">{runs}</td>
      <td data-align="right">
        {savedMicroUsdPerHour === null ? none : formatUsdPerHour(savedMicroUsdPerHour)}
      </td>
      <td data-align="right">{savedShare === null ? none : formatShare(savedShare)}</td>
      <td data-align="right">{movesPerUsdPerHour === null ? noDollar : threeDigits(movesPerUsdPerHour)}</td>
    </tr>
  );
}
