import type { Model } from '../../../../common/contracts/index.ts';
import { formatBytes } from '../../../../common/units/index.ts';
import { counted, formatShare, threeDigits } from '../../../components/number-text.ts';
import { formatDay } from '../../../components/time-text.ts';
import { formatWords } from '../format-words.ts';

/** One fact of two versions. */
export interface ComparedFact {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly isSame: boolean;
}

/** The manifests and files of two versions, fact by fact. */
export function comparedFacts(a: Model, b: Model): ComparedFact[] {
  return FACTS.map(([name, textOf]) => {
    const [textOfA, textOfB] = [textOf(a), textOf(b)];
    return { name, a: textOfA, b: textOfB, isSame: textOfA === textOfB };
  });
}

/** How the features of two versions differ. */
export interface ComparedFeatures {
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  readonly both: number;
  /** Both take the same features, but not in the same order. */
  readonly isReordered: boolean;
}

/** Features that one version takes and the other does not, in their order. */
export function comparedFeatures(a: Model, b: Model): ComparedFeatures {
  const [namesOfA, namesOfB] = [namesOf(a), namesOf(b)];
  const onlyA = namesOfA.filter(name => !namesOfB.includes(name));
  const onlyB = namesOfB.filter(name => !namesOfA.includes(name));
  const isSameSet = onlyA.length === 0 && onlyB.length === 0;
  return {
    onlyA,
    onlyB,
    both: namesOfA.length - onlyA.length,
    isReordered: isSameSet && namesOfA.join('\n') !== namesOfB.join('\n'),
  };
}

function namesOf({ manifest }: Model): string[] {
  return manifest.features.map(({ name }) => name);
}

const listed = (names: readonly string[]) => (names.length === 0 ? 'all' : names.join(', '));

const FACTS: readonly (readonly [string, (model: Model) => string])[] = [
  ['Trained until', model => formatDay(model.trainedUntilMs)],
  ['Gap', model => counted(Math.round(model.gapDays), 'day')],
  ['Prices for today on disk', model => formatShare(model.coveredShare)],
  ['Task', model => model.manifest.task],
  ['Target', model => model.manifest.target],
  ['Horizon', model => `${threeDigits(model.manifest.horizonHours)} h`],
  ['Resolution', model => `${model.manifest.resolutionMinutes} min`],
  ['Regions', model => listed(model.manifest.scope.regions)],
  ['Instance types', model => listed(model.manifest.scope.instanceTypes)],
  ['Products', model => listed(model.manifest.scope.products)],
  ['Trained on', model => model.manifest.trainedOn ?? 'not said'],
  ['File', model => `${formatWords(model)}, ${formatBytes(model.original.bytes)}`],
  ['Operators', model => listed(model.operators)],
  ['Golden rows', model => counted(model.manifest.golden.length, 'row')],
];
