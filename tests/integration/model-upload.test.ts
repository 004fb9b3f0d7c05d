import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelUploadPath } from '../../common/contracts/index.ts';
import { type EngineProcess, startEngineProcess } from '../support/engine-process.ts';

const MIB = 1024 ** 2;
const data = mkdtempSync(join(tmpdir(), 'cloudoptim-upload-'));
const { bavail, bsize } = statfsSync(data);
/** A gigabyte where there is room for it and its copy. */
const LARGE_MIB = bavail * bsize > 6 * 1024 * MIB ? 1_024 : 128;

let engine: EngineProcess;
beforeAll(async () => {
  engine = await startEngineProcess(data);
});
afterAll(async () => {
  await engine.end();
  rmSync(data, { recursive: true, force: true });
});

const incoming = () => readdirSync(join(data, 'models', 'incoming'));
const BOUNDARY = 'a-boundary-that-is-nowhere-else';

function openUpload(
  bodyBytes: number,
  fileName: string,
): { sending: ClientRequest; head: Buffer; tail: Buffer } {
  const head = Buffer.from(
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="${fileName}"\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
  const sending = request(engine.url + modelUploadPath, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${engine.token}`,
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': head.length + bodyBytes + tail.length,
    },
  });
  return { sending, head, tail };
}

const write = async (sending: ClientRequest, chunk: Buffer) => {
  if (!sending.write(chunk)) await once(sending, 'drain');
};

/** A sound ONNX file in which one weight takes as many bytes as wanted: `initializer { raw_data }` at the end of the graph. */
function onnxWithWeights(weightBytes: number): { before: Buffer; bytes: number } {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
  const field = (number: number, length: number) =>
    Buffer.from([...varint(number * 8 + 2), ...varint(length)]);
  const raw = field(9, weightBytes);
  const initializer = field(5, raw.length + weightBytes);
  const graph = field(7, initializer.length + raw.length + weightBytes);
  const before = Buffer.concat([Buffer.from([8, 9]), graph, initializer, raw]);
  return { before, bytes: before.length + weightBytes };
}

const health = async () => (await fetch(`${engine.url}/healthz`)).status;

describe('an upload', () => {
  it(`of ${LARGE_MIB} MiB streams with flat memory, others are answered meanwhile, and nothing is left of a refusal`, async () => {
    const before = engine.peakBytes();
    const { before: start, bytes } = onnxWithWeights(LARGE_MIB * MIB);
    const { sending, head, tail } = openUpload(bytes, 'large.onnx');
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    await write(sending, Buffer.concat([head, start]));
    const chunk = Buffer.alloc(MIB, 7);
    for (let sent = 0; sent < LARGE_MIB; sent++) {
      await write(sending, chunk);
      if (sent % 256 === 100) expect(await health()).toBe(200);
    }
    sending.end(tail);
    const [response] = await answered;
    const body = JSON.parse(Buffer.concat(await response.toArray()).toString()) as {
      error: { code: string; message: string };
    };
    expect(response.statusCode).toBe(422);
    expect(body.error.message).toContain('"large.onnx"');
    const { draft } = (body.error as { details?: { draft?: { id: string } } }).details ?? {};
    if (draft) {
      const discarded = await fetch(`${engine.url}/api/v1/ml/models/drafts/${draft.id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${engine.token}` },
      });
      expect(discarded.status).toBe(200);
    }
    expect(incoming()).toEqual([]);
    const after = engine.peakBytes();
    if (before !== undefined && after !== undefined) expect(after - before).toBeLessThan(128 * MIB);
  });

  it('that is cancelled leaves nothing, and the next one is taken in', async () => {
    const { sending, head } = openUpload(512 * MIB, 'cancelled.onnx');
    sending.on('error', () => undefined);
    await write(sending, head);
    for (let sent = 0; sent < 32; sent++) await write(sending, Buffer.alloc(MIB, 7));
    await expect.poll(() => incoming().length, { timeout: 5_000 }).toBe(1);
    sending.destroy();
    await expect.poll(incoming, { timeout: 5_000 }).toEqual([]);

    const path = join(import.meta.dirname, '../../resources/models/spot-price-ridge.onnx');
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(readFileSync(path))]), 'ridge.onnx');
    const headers = { authorization: `Bearer ${engine.token}` };
    const taken = await fetch(engine.url + modelUploadPath, { method: 'POST', headers, body: form });
    expect(taken.status).toBe(200);
    const { id } = (await taken.json()) as { id: string };
    const file = await fetch(`${engine.url}/api/v1/ml/models/${id}/files/original`, { headers });
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="ridge.onnx"');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(readFileSync(path));
    expect(incoming()).toEqual([]);
  });

  it('larger than the limit is refused by its number before it has all come', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-upload-small-'));
    const small = await startEngineProcess(folder, '--model-max-mib', '4');
    const form = new FormData();
    form.append('file', new Blob([Buffer.alloc(16 * MIB, 7)]), 'large.onnx');
    const refused = await fetch(small.url + modelUploadPath, {
      method: 'POST',
      headers: { authorization: `Bearer ${small.token}` },
      body: form,
    });
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({
      error: { code: 'input.too-large', message: 'The model is larger than 4 MiB.' },
    });
    expect(readdirSync(join(folder, 'models', 'incoming'))).toEqual([]);
    await small.end();
    rmSync(folder, { recursive: true, force: true });
  });
});
