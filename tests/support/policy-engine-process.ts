/** `node policy-engine-process.ts DATA PORT POLICY AWS`: the engine with another decision policy than the usual one, given as JSON; ends by a signal. */
import { join } from 'node:path';
import { policyDocument } from '../../common/contracts/index.ts';
import { createEngine } from '../../server/index.ts';
import { loadSettings } from '../../server/platform/index.ts';

const [data = '', port = '0', policy = '{}', ec2Endpoint] = process.argv.slice(2);
const engine = await createEngine({
  settings: loadSettings(
    {
      data,
      port,
      logLevel: 'error',
      ...(ec2Endpoint === undefined ? {} : { ec2Endpoint, autoScalingEndpoint: ec2Endpoint }),
    },
    process.env,
  ),
  version: '0',
  resourcesFolder: join(import.meta.dirname, '../../resources'),
  uiFolder: undefined,
  decisionPolicy: policyDocument.parse({ decisions: JSON.parse(policy) }),
});
process.stdout.write(`Sign in: ${engine.url}/#token=${engine.launchToken}\n`);
process.once('SIGTERM', () => void engine.close());
