/**
 * A process that answers every DescribeSpotPriceHistory with the next of some pages that were made before, so that what is
 * measured is the client. Prints `{url, region}`; ends when its standard input closes.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openMarket, PAGE, recordsOfDays } from './bench-market.ts';

const PAGES = 120;

const market = await openMarket();
const records = recordsOfDays(market, 60).filter(({ product }) => product === 'Linux/UNIX');
const pages = Array.from({ length: Math.min(PAGES, Math.floor(records.length / PAGE)) }, (_, page) => {
  const items = records
    .slice(page * PAGE, (page + 1) * PAGE)
    .map(
      ({ instanceType, product, priceMicroUsdPerHour, atMs, availabilityZone }) =>
        `<item><instanceType>${instanceType}</instanceType><productDescription>${product}</productDescription><spotPrice>${(priceMicroUsdPerHour / 1e6).toFixed(6)}</spotPrice><timestamp>${new Date(atMs).toISOString()}</timestamp><availabilityZone>${availabilityZone}</availabilityZone><availabilityZoneId>euw1-az1</availabilityZoneId></item>`,
    )
    .join('');
  return { items, isLast: false };
});
const last = pages.at(-1);
if (last) last.isLast = true;
const bodies = pages.map(({ items, isLast }, page) =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><spotPriceHistorySet>${items}</spotPriceHistorySet><nextToken>${isLast ? '' : `page=${page + 1}`}</nextToken></DescribeSpotPriceHistoryResponse>`,
  ),
);

const server = createServer(async (request, response) => {
  let form = '';
  for await (const part of request) form += part;
  const token = new URLSearchParams(form).get('NextToken') ?? 'page=0';
  const body = bodies[Number(token.slice('page='.length))] ?? Buffer.alloc(0);
  response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8', 'content-length': body.length });
  response.end(body);
}).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, region: market.region })}\n`);
});
process.stdin
  .on('end', () => {
    server.closeAllConnections();
    server.close();
  })
  .resume();
