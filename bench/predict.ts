/**
 * Latency of `POST /api/v1/ml/predict/raw` through the real server and the capped child, against ONNX Runtime alone in
 * this process: `node bench/predict.ts`. Verifies that both give the same numbers, then prints medians and their ratio.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { api, type ModelManifest, modelUploadPath } from '../common/contracts/index.ts';
import { createEngine } from '../server/index.ts';
import { loadSettings } from '../server/platform/index.ts';

const RUNS = 200;
const root = join(import.meta.dirname, '..');
const name = 'spot-price-gbt';
const bytes = readFileSync(join(root, `resources/models/${name}.onnx`));
const manifest = JSON.parse(
  readFileSync(join(root, `resources/models/${name}.manifest.json`), 'utf8'),
) as ModelManifest;
const columns = manifest.features.length;

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-predict-'));
const engine = await createEngine({
  settings: loadSettings({ data: folder, port: 0, logLevel: 'silent' }, {}),
  version: '0.0.0',
  resourcesFolder: join(root, 'resources'),
  uiFolder: undefined,
});
try {
  const authorization = `Bearer ${engine.launchToken}`;
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(bytes)]), `${name}.onnx`);
  const uploaded = await fetch(engine.url + modelUploadPath, {
    method: 'POST',
    headers: { authorization },
    body: form,
  });
  const { id: modelId } = (await uploaded.json()) as { id: string };
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });

  const overHttp = async (body: string): Promise<number[][]> => {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(engine.url + api.forecasts.predictRaw.path, { method: 'POST', headers, body });
    return ((await answer.json()) as { outputs: number[][] }).outputs;
  };
  console.log(`${name}, ${RUNS} runs each, medians`);
  console.log('| rows | HTTP + child | ONNX Runtime alone | ratio | µs/row over HTTP |');
  console.log('|---|---|---|---|---|');
  for (const count of [1, 1_000]) {
    const rows = Array.from({ length: count }, (_, row) =>
      (manifest.golden[row % manifest.golden.length]?.input ?? []).map(value => value * (1 + row / 1e6)),
    );
    const table = Float64Array.from(rows.flat());
    const bare = async () =>
      (await session.run({ X: new Tensor('float64', table, [count, columns]) })).log_return?.data;
    const body = JSON.stringify({ modelId, rows });
    const expected = [...((await bare()) as Float64Array)];
    const got = (await overHttp(body)).flat();
    if (got.length !== count || got.some((value, row) => value !== expected[row])) {
      throw new Error(`The outputs for ${count} rows differ.`);
    }
    const http = await medianMs(() => overHttp(body));
    const alone = await medianMs(bare);
    console.log(
      `| ${count} | ${http.toFixed(3)} ms | ${alone.toFixed(3)} ms | ${(http / alone).toFixed(1)} | ${((1000 * http) / count).toFixed(1)} |`,
    );
  }
} finally {
  await engine.close();
  rmSync(folder, { recursive: true });
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[RUNS >> 1] ?? Number.NaN;
}
