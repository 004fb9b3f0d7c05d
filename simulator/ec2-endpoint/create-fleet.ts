import type { ActionContext } from './action-context.ts';
import { Ec2Error, invalidParameterValue } from './ec2-error.ts';
import type { HostedAccount, HostedInstance } from './instance-host.ts';
import { findTemplate } from './launch-templates.ts';
import { fingerprint } from './page-token.ts';
import type { QueryParameters } from './query-parameters.ts';
import { element, itemSet } from './xml.ts';

interface Fleet {
  readonly question: string;
  readonly answer: string;
}

/** Fleets by client token: the same token gives the same answer, as EC2 promises, and another order under it is refused. */
const fleetsOf = new WeakMap<HostedAccount, Map<string, Fleet>>();

/** CreateFleet of type `instant` from one launch template; each override names a type and a subnet. */
export function createFleet(parameters: QueryParameters, context: ActionContext): string {
  const { account } = context;
  if (!account) throw new Ec2Error(400, 'UnsupportedOperation', 'This region launches no instances.');
  if (parameters.text('Type') !== 'instant')
    throw invalidParameterValue("Only fleets of type 'instant' are pretended");
  const token = parameters.text('ClientToken') ?? '';
  const order = readOrder(parameters, account);
  const question = fingerprint(JSON.stringify(order));
  const fleets = fleetsOf.get(account) ?? new Map<string, Fleet>();
  fleetsOf.set(account, fleets);
  const known = token === '' ? undefined : fleets.get(token);
  if (known) {
    if (known.question === question) return known.answer;
    throw new Ec2Error(
      400,
      'IdempotentParameterMismatch',
      'The client token has already been used with other parameters.',
    );
  }
  const instances: HostedInstance[] = [];
  const errors: Place[] = [];
  for (let n = 0; n < order.capacity; n++) {
    const launched = order.places
      .map(place => ({
        place,
        instance: account.host.launch({ ...place, lifecycle: order.lifecycle, tags: order.tags }),
      }))
      .find(({ instance }) => instance !== undefined);
    if (launched?.instance) instances.push(launched.instance);
    else errors.push(...order.places);
  }
  const answer = answerXml(`fleet-${question}`, order.lifecycle, instances, errors);
  // An instant fleet that brought nothing is asked for again with the same token in vain, as in EC2.
  if (token !== '') fleets.set(token, { question, answer });
  return answer;
}

interface Place {
  readonly instanceType: string;
  readonly zone: string;
  readonly subnetId: string;
}

function readOrder(parameters: QueryParameters, account: HostedAccount) {
  const template = 'LaunchTemplateConfigs.1.LaunchTemplateSpecification';
  findTemplate(account, {
    id: parameters.text(`${template}.LaunchTemplateId`),
    name: parameters.text(`${template}.LaunchTemplateName`),
    version: parameters.text(`${template}.Version`),
  });
  const places: Place[] = [];
  for (let n = 1; ; n++) {
    const override = `LaunchTemplateConfigs.1.Overrides.${n}`;
    const instanceType = parameters.text(`${override}.InstanceType`);
    if (instanceType === undefined) break;
    const subnetId = parameters.text(`${override}.SubnetId`) ?? '';
    const zone = account.subnets[subnetId];
    if (zone === undefined)
      throw new Ec2Error(400, 'InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
    places.push({ instanceType, zone, subnetId });
  }
  const lifecycle = parameters.text('TargetCapacitySpecification.DefaultTargetCapacityType');
  if (lifecycle !== 'spot' && lifecycle !== 'on-demand')
    throw invalidParameterValue(`Invalid value '${lifecycle}' for DefaultTargetCapacityType.`);
  const range = { min: 1, max: 100 };
  const capacity = parameters.wholeNumber('TargetCapacitySpecification.TotalTargetCapacity', range) ?? 1;
  return { places, lifecycle, capacity, tags: readTags(parameters) } as const;
}

function readTags(parameters: QueryParameters): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let n = 1; ; n++) {
    const kind = parameters.text(`TagSpecification.${n}.ResourceType`);
    if (kind === undefined) return tags;
    for (let t = 1; kind === 'instance'; t++) {
      const key = parameters.text(`TagSpecification.${n}.Tag.${t}.Key`);
      if (key === undefined) break;
      tags[key] = parameters.text(`TagSpecification.${n}.Tag.${t}.Value`) ?? '';
    }
  }
}

function answerXml(
  fleetId: string,
  lifecycle: string,
  instances: readonly HostedInstance[],
  errors: readonly Place[],
): string {
  return [
    element('fleetId', fleetId),
    itemSet(
      'errorSet',
      errors.map(({ instanceType, zone, subnetId }) =>
        [
          `<launchTemplateAndOverrides><overrides>${element('instanceType', instanceType)}${element('subnetId', subnetId)}</overrides></launchTemplateAndOverrides>`,
          element('lifecycle', lifecycle),
          element('errorCode', 'InsufficientInstanceCapacity'),
          element(
            'errorMessage',
            `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}).`,
          ),
        ].join(''),
      ),
    ),
    itemSet(
      'fleetInstanceSet',
      instances.map(({ instanceId, instanceType, zone }) =>
        [
          element('lifecycle', lifecycle),
          itemIds(instanceId),
          element('instanceType', instanceType),
          element('availabilityZone', zone),
        ].join(''),
      ),
    ),
  ].join('');
}

function itemIds(instanceId: string): string {
  return `<instanceIds>${element('item', instanceId)}</instanceIds>`;
}
