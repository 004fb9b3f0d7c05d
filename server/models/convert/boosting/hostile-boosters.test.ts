import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import { convertBoosterFile, recogniseBoosterFile } from './booster-file.ts';
import { lightgbmText, type SpokenTree, xgboostJson } from './random-boosters.ts';
import { readUbjson } from './read-ubjson.ts';

const trees: SpokenTree[] = [
  {
    feature: 1,
    threshold: 0.5,
    missing: 'nan',
    defaultLeft: true,
    left: { leaf: 1 },
    right: {
      feature: 2,
      threshold: 3,
      missing: 'nan',
      defaultLeft: false,
      left: { leaf: 2 },
      right: { leaf: 3 },
    },
  },
];
const bytesOf = (text: string) => new TextEncoder().encode(text);
const json = (change: (text: string) => string = text => text) =>
  bytesOf(change(JSON.stringify(xgboostJson(trees))));
const text = (change: (text: string) => string = own => own) => bytesOf(change(lightgbmText(trees)));

const withSet = (own: string, categories: string, nodes: string, starts: string, sizes: string) =>
  own
    .replace('"categories":[]', `"categories":${categories}`)
    .replace('"categories_nodes":[]', `"categories_nodes":${nodes}`)
    .replace('"categories_segments":[]', `"categories_segments":${starts}`)
    .replace('"categories_sizes":[]', `"categories_sizes":${sizes}`);

function refusal(bytes: Uint8Array): AppError {
  try {
    convertBoosterFile(bytes);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was taken in');
}

describe('recogniseBoosterFile', () => {
  it('knows the three formats by their bytes and nothing else', () => {
    expect(recogniseBoosterFile(json())).toBe('xgboost-json');
    expect(recogniseBoosterFile(text())).toBe('lightgbm-text');
    expect(recogniseBoosterFile(text(own => own.replaceAll('\n', '\r\n')))).toBe('lightgbm-text');
    expect(recogniseBoosterFile(bytesOf('{L\0\0\0\0\0\0\0\x07learner{'))).toBe('xgboost-ubj');
    for (const other of ['', '{', '{}', '{"a": 1}', 'tree', 'treehouse\nversion=', '\x80\x04', '[1]']) {
      expect(recogniseBoosterFile(bytesOf(other)), other).toBeUndefined();
    }
  });
});

describe('damaged boosters are refused in a sentence', () => {
  it.each([
    [
      'a child beyond the end',
      json(own => own.replace('"left_children":[1', '"left_children":[9')),
      /node 9/,
    ],
    [
      'a cycle',
      json(own => own.replace('"left_children":[1,', '"left_children":[0,')),
      /reaches node 0 twice/,
    ],
    ['a shared child', json(own => own.replace('"right_children":[2', '"right_children":[1')), /twice/],
    [
      'a fractional child',
      json(own => own.replace('"left_children":[1', '"left_children":[1.5')),
      /node 1.5/,
    ],
    [
      'arrays of other lengths',
      json(own => own.replace('"default_left":[', '"default_left":[1,')),
      /default_left/,
    ],
    [
      'a column beyond the last',
      json(own => own.replace('"split_indices":[1', '"split_indices":[3')),
      /column 3 of 3/,
    ],
    [
      'a text among numbers',
      json(own => own.replace('"split_conditions":[0.5', '"split_conditions":["x"')),
      /no number/,
    ],
    ['a tree of no output', json(own => own.replace('"tree_info":[0', '"tree_info":[7')), /output 7 of 1/],
    ['no learner', bytesOf('{"learner": 3}'), /learner/],
    [
      'columns without end',
      json(own => own.replace('"num_feature":"3"', '"num_feature":"4000000000"')),
      /4000000000/,
    ],
    [
      'outputs without end',
      json(own => own.replace('"num_class":"0"', '"num_class":"900000000"')),
      /900000000/,
    ],
    ['a base_score of words', json(own => own.replace('5E-1', 'half')), /base_score 'half'/],
    ['a key of the prototype', bytesOf('{"learner": {"__proto__": {"objective": 1}}}'), /section/],
    ['JSON cut off', json(own => own.slice(0, -40)), /no JSON/],
    ['a text cut off', text(own => own.slice(0, -60)), /cut off/],
    ['a text child beyond the end', text(own => own.replace('left_child=-1', 'left_child=-9')), /node 8/],
    ['a text cycle', text(own => own.replace('right_child=1', 'right_child=0')), /twice/],
    [
      'a text with fewer leaves than said',
      text(own => own.replace('num_leaves=3', 'num_leaves=900000000')),
      /900000000/,
    ],
    ['a text with a word for a number', text(own => own.replace('threshold=0.5', 'threshold=half')), /half/],
    ['a text with no leaves', text(own => own.replace('num_leaves=3', 'num_leaves=0')), /leaf_value/],
    [
      'a text column beyond the last',
      text(own => own.replace('split_feature=1', 'split_feature=5')),
      /column 5 of 3/,
    ],
    [
      'a category set for two nodes',
      text(own =>
        own
          .replace('decision_type=10 8', 'decision_type=1 1')
          .replace('threshold=0.5 3', 'threshold=0 0')
          .replace('num_cat=0', 'num_cat=1\ncat_boundaries=0 1\ncat_threshold=3'),
      ),
      /no category set 0 left/,
    ],
    [
      'a category set beyond its bits',
      text(own =>
        own
          .replace('decision_type=10 8', 'decision_type=1 8')
          .replace('threshold=0.5 3', 'threshold=0 3')
          .replace('num_cat=0', 'num_cat=1\ncat_boundaries=0 900000000\ncat_threshold=3'),
      ),
      /beyond its bits/,
    ],
    ['a text with trees out of order', text(own => own.replace('Tree=0', 'Tree=1')), /tree 0/],
    [
      'a text of a billion columns',
      text(own => own.replace('max_feature_idx=2', 'max_feature_idx=999999999')),
      /1000000000/,
    ],
  ])('%s', (_, bytes, message) => {
    const error = refusal(bytes);
    expect(error.code).toBe('model.not-a-model');
    expect(error.message).toMatch(message);
  });

  it('a tree deeper than onnxruntime can load', () => {
    const levels = 6_000;
    const chain = Array.from({ length: levels }, (_, level) => level);
    const file = lightgbmText([{ leaf: 1 }]).replace(
      /num_leaves=1[\s\S]*?is_linear/,
      [
        `num_leaves=${levels + 1}`,
        'num_cat=0',
        `split_feature=${chain.map(() => 0).join(' ')}`,
        `threshold=${chain.join(' ')}`,
        `decision_type=${chain.map(() => 2).join(' ')}`,
        `left_child=${chain.map(level => ~level).join(' ')}`,
        `right_child=${chain.map(level => (level + 1 < levels ? level + 1 : ~levels)).join(' ')}`,
        `leaf_value=${[...chain, 1].join(' ')}`,
        'is_linear',
      ].join('\n'),
    );
    expect(refusal(bytesOf(file)).message).toMatch(/deeper than 5000/);
  });

  it('UBJSON that promises more than it has, or nests without end', () => {
    const long = '\x7f\xff\xff\xff\xff\xff\xff\xff';
    const latin = (own: string) => Uint8Array.from(own, letter => letter.charCodeAt(0));
    for (const bytes of [
      `{L${long}learner`,
      `{i\x07learner[$d#l\x7f\xff\xff\xff`,
      `{i\x07learner[$d#L${long}`,
      `{i\x07learner[#l\x7f\xff\xff\xff`,
      '{i\x07learner[$T#l\x7f\xff\xff\xff',
      '{i\xf9learner',
      '{i\x07learnerSi\x7f',
      '{i\x07learner?',
      `{i\x07learner${'['.repeat(100_000)}`,
      `{i\x07learner${'{i\x01a'.repeat(100_000)}`,
      '{i\x07learnerZ}trailing',
    ]) {
      expect(refusal(latin(bytes)).code, bytes.slice(0, 40)).toBe('model.not-a-model');
    }
  });

  const parity = join(import.meta.dirname, '../../../../../shared/data/pkl-parity/xgb-raw.ubj/model.ubj');
  it.skipIf(!existsSync(parity))('a real file cut anywhere or with any bits turned over', () => {
    const whole = readFileSync(parity);
    expect(Object.keys(readUbjson(whole) as object).sort()).toEqual(['learner', 'version']);
    for (let cut = 1; cut < whole.length; cut += 997) {
      expect(refusal(whole.subarray(0, cut))).toBeInstanceOf(AppError);
    }
    for (let at = 0; at < whole.length; at += 211) {
      const turned = Uint8Array.from(whole);
      turned[at] = (turned[at] ?? 0) ^ (1 << (at % 8));
      try {
        convertBoosterFile(turned);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }
  });
});

describe('splits by category that cannot be are refused in a sentence', () => {
  it.each<[string, (own: string) => string]>([
    ['without categories', own => own.replace('"categories_nodes"', '"categories_node"')],
    ['with a set for another node only', own => withSet(own, '[3]', '[1]', '[0]', '[1]')],
    ['with a set beyond the list', own => withSet(own, '[3]', '[0]', '[0]', '[900000000]')],
    ['with a set before the list', own => withSet(own, '[3]', '[0]', '[-1]', '[1]')],
    ['with one stretch for two nodes', own => withSet(own, '[3]', '[0,2]', '[0,0]', '[1,1]')],
    ['with two sets for one node', own => withSet(own, '[3,4]', '[0,0]', '[0,1]', '[1,1]')],
    ['with a category of words', own => withSet(own, '["x"]', '[0]', '[0]', '[1]')],
    ['with a negative category', own => withSet(own, '[-3]', '[0]', '[0]', '[1]')],
  ])('%s', (_, change) => {
    const error = refusal(json(own => change(own.replace('"split_type":[0', '"split_type":[1'))));
    expect(error.code).toBe('model.not-a-model');
    expect(error.message).toMatch(/categor/);
  });
});

describe('what is sound and not supported is refused by name', () => {
  const objective = (name: string) => json(own => own.replace('reg:squarederror', name));
  it.each([
    ['survival', objective('survival:cox'), /survival:cox/],
    ['an unknown objective', objective('reg:mine'), /reg:mine/],
    [
      'leaves with several values',
      json(own => own.replace('"size_leaf_vector":"0"', '"size_leaf_vector":"3"')),
      /several values/,
    ],
    ['another booster', json(own => own.replace('"gbtree"', '"gbforest"')), /gbforest/],
    ['linear trees', text(own => own.replace('is_linear=0', 'is_linear=1')), /linear_tree/],
    ['an unknown objective of LightGBM', text(own => own.replace('=regression', '=mine')), /'mine'/],
    [
      'pandas categories',
      text(own => own.replace('categorical:[]', 'categorical:[["north","south"]]')),
      /north/,
    ],
  ])('%s', (_, bytes, message) => {
    const error = refusal(bytes);
    expect(error.code).toBe('model.rejected');
    expect(error.message).toMatch(message);
  });

  it('pandas categories that are their own positions are taken', () => {
    expect(
      convertBoosterFile(text(own => own.replace('categorical:[]', 'categorical:[[0, 1, 2]]'))).warnings,
    ).toEqual([]);
  });
});
