import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ec2Source } from './ec2-source.ts';

const page = (nextToken: string) =>
  `<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><spotPriceHistorySet><item><instanceType>m5.large</instanceType><productDescription>Linux/UNIX</productDescription><spotPrice>0.0416</spotPrice><timestamp>2021-12-14T15:53:10Z</timestamp><availabilityZone>eu-west-1a</availabilityZone></item></spotPriceHistorySet><nextToken>${nextToken}</nextToken></DescribeSpotPriceHistoryResponse>`;
const question = {
  region: 'eu-west-1',
  product: 'Linux/UNIX',
  instanceTypes: [],
  fromMs: Date.UTC(2021, 11, 1),
  toMs: Date.UTC(2021, 11, 15),
};

let server: Server;
let source: Ec2Source;
let asked: string[];
let hungUp: number;
/** What the server answers each token with; nothing at all where that is undefined. */
let answers: Record<string, string | undefined>;
beforeEach(async () => {
  asked = [];
  hungUp = 0;
  server = createServer(async (request, response) => {
    let form = '';
    for await (const part of request) form += part;
    const token = new URLSearchParams(form).get('NextToken') ?? 'first';
    asked.push(token);
    response.on('close', () => {
      if (!response.writableFinished) hungUp++;
    });
    const answer = answers[token];
    if (answer !== undefined) response.setHeader('content-type', 'text/xml').end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  source = new Ec2Source(
    {
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    },
    { now: Date.now },
  );
});
afterEach(async () => {
  await source.close();
  server.closeAllConnections();
  server.close();
});

describe('pages of EC2', () => {
  it('are asked for while the page before is stored', async () => {
    answers = { first: page('second'), second: page('') };
    const last: boolean[] = [];
    for await (const { isLast } of source.pages(question, new AbortController().signal)) {
      last.push(isLast);
      // Storing, so to speak.
      await vi.waitFor(() => expect(asked).toEqual(['first', 'second']));
    }
    expect(last).toEqual([false, true]);
  });

  it('are not waited for by somebody who has left', async () => {
    answers = { first: page('second'), second: undefined };
    for await (const _ of source.pages(question, new AbortController().signal)) {
      await vi.waitFor(() => expect(asked).toHaveLength(2));
      break;
    }
    await vi.waitFor(() => expect(hungUp).toBe(1));
  });

  it('fail when their turn comes, after what came before them', async () => {
    answers = {
      first: page('second'),
      second:
        '<Response><Errors><Error><Code>InvalidParameterValue</Code><Message>No</Message></Error></Errors></Response>',
    };
    server.prependListener('request', (_, response) => {
      if (asked.length === 1) response.statusCode = 400;
    });
    const got: number[] = [];
    const walk = async () => {
      for await (const { batch } of source.pages(question, new AbortController().signal)) {
        got.push(batch.poolOf.length);
        await vi.waitFor(() => expect(asked).toHaveLength(2));
      }
    };
    await expect(walk()).rejects.toThrow();
    expect(got).toEqual([1]);
  });
});
