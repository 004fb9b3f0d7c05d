/**
 * A process that serves the pretend EC2 endpoint: over a recording when its path is given, else over the built-in
 * market. Arguments: how far its clock is behind the machine's (ms), path of the recording. Prints one JSON line
 * `{url, region}`; ends when its standard input closes.
 */
import { startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { openMarketOfTest } from './market-of-test.ts';

const [behindMs = '0', recording] = process.argv.slice(2);
const market = await openMarketOfTest(recording);
const endpoint = await startEc2Endpoint({
  market,
  clock: () => Date.now() - Number(behindMs),
  accessKeyIds: ['AKIATEST'],
  throttleEveryNth: 23,
  bucket: { capacity: 1_000, refillPerSecond: 500 },
});
process.stdout.write(`${JSON.stringify({ url: endpoint.url, region: market.region })}\n`);
process.stdin.on('end', () => void endpoint.close().then(() => process.exit(0))).resume();
