import { parseArgs } from 'node:util';
import { GENERAL_OWNERS, type GeneralOwner } from './cluster/index.ts';
import { DEFAULT_SCENARIO, readScenario, type Scenario, WrongScenario } from './scenarios/index.ts';

/** What the command line asks for. */
export interface WorldFlags {
  readonly region: string;
  readonly seed: number;
  readonly ec2Port: number;
  readonly kubernetesPort: number;
  readonly catalogPath: string;
  /** A recorded market instead of the pretend one. */
  readonly replayPath: string | undefined;
  readonly kubeconfigPath: string | undefined;
  /** How long the EC2 endpoint takes for an answer. */
  readonly ec2LatencyMs: number;
  /** What the cluster is made of. */
  readonly scenario: Scenario;
  /** Who owns its on-demand nodes. */
  readonly generalOwner: GeneralOwner;
  readonly untilStdinCloses: boolean;
}

/** A flag that cannot be obeyed; the message is one sentence for the person who typed it. */
export class WrongFlag extends Error {}

/** Reads the arguments after `main.ts`. Throws `WrongFlag`. */
export function readWorldFlags(args: readonly string[]): WorldFlags {
  const values = parse(args);
  const region = values.region;
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new WrongFlag(`--region ${region} is no AWS region; give one like us-east-1.`);
  }
  return {
    region,
    seed: wholeNumber('--seed', values.seed, 2 ** 32 - 1),
    ec2Port: wholeNumber('--ec2-port', values['ec2-port'], 65_535),
    kubernetesPort: wholeNumber('--kubernetes-port', values['kubernetes-port'], 65_535),
    catalogPath: values.catalog,
    replayPath: values.replay,
    kubeconfigPath: values['kubeconfig-out'],
    ec2LatencyMs: wholeNumber('--ec2-latency-ms', values['ec2-latency-ms'], 60_000),
    scenario: scenarioOf(values.scenario),
    generalOwner: ownerOf(values['general-owner']),
    untilStdinCloses: values['until-stdin-closes'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        region: { type: 'string', default: 'us-east-1' },
        seed: { type: 'string', default: '1' },
        'ec2-port': { type: 'string', default: '0' },
        'kubernetes-port': { type: 'string', default: '0' },
        catalog: { type: 'string', default: 'resources/catalog/instance-types.json' },
        replay: { type: 'string' },
        'kubeconfig-out': { type: 'string' },
        'ec2-latency-ms': { type: 'string', default: '0' },
        scenario: { type: 'string', default: DEFAULT_SCENARIO },
        'general-owner': { type: 'string', default: 'karpenter' },
        'until-stdin-closes': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // parseArgs explains with a hint about positionals after the first sentence; one sentence is enough.
    const [sentence] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new WrongFlag(
      `${sentence}; the flags are --region, --seed, --ec2-port, --kubernetes-port, --catalog, --replay, --kubeconfig-out, --ec2-latency-ms, --scenario, --general-owner and --until-stdin-closes.`,
    );
  }
}

function ownerOf(text: string): GeneralOwner {
  const found = GENERAL_OWNERS.find(owner => owner === text);
  if (!found) throw new WrongFlag(`--general-owner ${text} is not one of ${GENERAL_OWNERS.join(', ')}.`);
  return found;
}

function scenarioOf(text: string): Scenario {
  try {
    return readScenario(text);
  } catch (error) {
    if (error instanceof WrongScenario)
      throw new WrongFlag(`--scenario ${text} cannot be used: ${error.message}`);
    throw error;
  }
}

function wholeNumber(flag: string, text: string, highest: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > highest) {
    throw new WrongFlag(`${flag} ${text} is no whole number between 0 and ${highest}.`);
  }
  return value;
}
