import type { BoosterModel } from './booster-model.ts';
import { damagedBooster, refusedBooster } from './damaged-booster.ts';
import { lightgbmObjective } from './lightgbm-objective.ts';
import { type LightgbmFields, lightgbmTree, lightgbmTreeColumns } from './lightgbm-tree.ts';
import { readBoosterJson } from './read-booster-json.ts';

const MOST_COLUMNS = 100_000;
const MOST_OUTPUTS = 10_000;

/** What the Python wrapper knows and its booster does not. */
export interface LightgbmWrapper {
  /** Boosting rounds that predict() uses (early stopping); `undefined` for all. */
  readonly rounds: number | undefined;
  readonly classes: readonly (string | number)[] | undefined;
}

/**
 * A booster of LightGBM out of its text format (`Booster.save_model`, `model_to_string`; formats v2 to v4).
 * @throws AppError `model.not-a-model` when it is none or damaged, `model.rejected` naming what is not supported
 */
export function readLightgbmText(text: string, wrapper?: LightgbmWrapper): BoosterModel {
  const { header, trees: fields, rest } = sectionsOf(text);
  const columns = wholeOf(header, 'max_feature_idx') + 1;
  const outputs = wholeOf(header, 'num_tree_per_iteration', wholeOf(header, 'num_class'));
  if (columns > MOST_COLUMNS) throw damagedBooster(`it has ${columns} columns`);
  if (outputs < 1 || outputs > MOST_OUTPUTS) throw damagedBooster(`it has ${outputs} outputs`);
  const objective = lightgbmObjective(header.get('objective'));
  if (objective.task === 'binary' && outputs !== 1)
    throw damagedBooster(`it is binary with ${outputs} outputs`);
  if (objective.task === 'multiclass' && outputs < 2)
    throw damagedBooster('it has several classes and one output');
  if (fields.length % outputs !== 0) {
    throw damagedBooster(`its ${fields.length} trees cannot be shared out to ${outputs} outputs`);
  }
  refusePandasCategories(rest);
  const all = fields.length / outputs;
  const rounds = Math.min(wrapper?.rounds ?? all, all);
  const used = fields.slice(0, rounds * outputs);
  const treeColumns = lightgbmTreeColumns(used);
  const trees = used.map((tree, index) =>
    lightgbmTree(tree, columns, index % outputs, treeColumns, `tree ${index}`),
  );
  return {
    library: 'lightgbm',
    libraryVersion: header.has('version') ? `format ${header.get('version')}` : '',
    precision: 'float64',
    columns,
    features: featuresOf(header, columns),
    outputs,
    body: { kind: 'trees', trees, base: undefined, treeColumns },
    divisor: header.has('average_output') ? Math.max(rounds, 1) : 1,
    link: objective.link,
    task: objective.task,
    missing: undefined,
    classes: wrapper?.classes,
    warnings: objective.warning === undefined ? [] : [objective.warning],
  };
}

function sectionsOf(text: string): { header: LightgbmFields; trees: LightgbmFields[]; rest: string } {
  const stop = text.indexOf('\nend of trees');
  if (stop === -1) throw damagedBooster("it has no line 'end of trees', so it is cut off");
  const header = new Map<string, string>();
  const trees: Map<string, string>[] = [];
  let fields = header;
  for (const raw of text.slice(0, stop).split('\n')) {
    const line = raw.trimEnd();
    const equals = line.indexOf('=');
    const key = equals === -1 ? line : line.slice(0, equals);
    if (key === 'Tree') {
      if (line !== `Tree=${trees.length}`)
        throw damagedBooster(`'${line.slice(0, 40)}' stands where tree ${trees.length} should`);
      fields = new Map();
      trees.push(fields);
      continue;
    }
    if (key !== '') fields.set(key, equals === -1 ? '' : line.slice(equals + 1));
  }
  if (!header.has('tree')) throw damagedBooster("it does not begin with the line 'tree'");
  const sizes = header.get('tree_sizes');
  const said = sizes === undefined ? trees.length : sizes.split(' ').filter(size => size !== '').length;
  if (said !== trees.length) throw damagedBooster(`it says ${said} trees and holds ${trees.length}`);
  return { header, trees, rest: text.slice(stop) };
}

function wholeOf(header: LightgbmFields, key: string, fallback?: number): number {
  const value = header.get(key);
  if (value === undefined && fallback !== undefined) return fallback;
  const whole = Number(value ?? Number.NaN);
  if (!Number.isSafeInteger(whole) || whole < 0) throw damagedBooster(`its '${key}' is no count`);
  return whole;
}

function featuresOf(header: LightgbmFields, columns: number): string[] | undefined {
  const names = (header.get('feature_names') ?? '').split(' ').filter(name => name !== '');
  if (names.length === 0 || names.every((name, index) => name === `Column_${index}`)) return undefined;
  if (names.length !== columns) {
    throw damagedBooster(`it names ${names.length} features and has ${columns} columns`);
  }
  return names;
}

/**
 * Columns of pandas' category type were replaced by positions before training. Where the categories are 0, 1, 2, … the
 * positions are the values; anywhere else a number given to the graph would silently mean another category.
 */
function refusePandasCategories(rest: string): void {
  const line = /^pandas_categorical:(.*)$/m.exec(rest)?.[1]?.trim();
  if (line === undefined || line === '' || line === 'null') return;
  const lists = readBoosterJson(line);
  if (!Array.isArray(lists)) throw damagedBooster('its pandas_categorical is no list');
  for (const list of lists) {
    if (Array.isArray(list) && list.every((category, index) => category === index)) continue;
    const shown = JSON.stringify(list).slice(0, 60);
    throw refusedBooster(
      `The LightGBM model was trained on a pandas category column with the categories ${shown}, which a row of numbers cannot name.`,
      'Turn such columns into whole numbers from 0 on (for example with .cat.codes) before training.',
    );
  }
}
