import { expect, it } from 'vitest';
import { pairFiles } from './pair-files.ts';

const file = (name: string, content = '') => new File([content], name);
const pairsOf = async (...files: File[]) =>
  (await pairFiles(files)).map(pair => [pair.file.name, pair.manifest]);

it('gives each model the manifest of its name', async () => {
  expect(
    await pairsOf(
      file('b.manifest.json', '{"name":"b"}'),
      file('a.onnx'),
      file('a.json', '{"name":"a"}'),
      file('b.pkl.gz'),
      file('c.onnx'),
    ),
  ).toEqual([
    ['a.onnx', '{"name":"a"}'],
    ['b.pkl.gz', '{"name":"b"}'],
    ['c.onnx', undefined],
  ]);
});

it('takes the only manifest for the only model, whatever they are called', async () => {
  expect(await pairsOf(file('m.json', '{}'), file('model.onnx'))).toEqual([['model.onnx', '{}']]);
});

it('takes a booster in JSON for the model that it is', async () => {
  expect(await pairsOf(file('booster.json', '{"learner":{},"version":[2,1,0]}'))).toEqual([
    ['booster.json', undefined],
  ]);
});

it('pairs a booster in JSON with a manifest in JSON', async () => {
  expect(await pairsOf(file('x.json', '{"learner":{}}'), file('x.manifest.json', '{"name":"x"}'))).toEqual([
    ['x.json', '{"name":"x"}'],
  ]);
});

it('lets the server refuse a manifest that has no model', async () => {
  expect(await pairsOf(file('a.onnx'), file('b.onnx'), file('lost.json', '{}'))).toEqual([
    ['a.onnx', undefined],
    ['b.onnx', undefined],
    ['lost.json', undefined],
  ]);
});
