import type { ActionContext } from './action-context.ts';
import { Ec2Error, invalidParameterValue } from './ec2-error.ts';
import type { HostedInstance } from './instance-host.ts';
import { matchesFilter, type QueryFilter, type QueryParameters } from './query-parameters.ts';
import { element, itemSet } from './xml.ts';

const STATE_CODES = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48 } as const;

/** DescribeInstances by id, tag, state and type; by ids of which one is unknown it is refused, by a filter it is not. */
export function describeInstances(parameters: QueryParameters, { account }: ActionContext): string {
  const all = account?.host.list() ?? [];
  const ids = known(parameters.list('InstanceId'), all);
  const filters = parameters.filters();
  const found = all.filter(
    instance =>
      (ids.length === 0 || ids.includes(instance.instanceId)) &&
      filters.every(filter => matches(filter, instance)),
  );
  return itemSet(
    'reservationSet',
    found.map(instance => itemSet('instancesSet', [instanceXml(instance)])),
  );
}

/** TerminateInstances: of instances that end already the same answer again. */
export function terminateInstances(parameters: QueryParameters, { account }: ActionContext): string {
  const all = account?.host.list() ?? [];
  const ids = known(parameters.list('InstanceId'), all);
  const changes = ids.map(id => {
    const before = all.find(({ instanceId }) => instanceId === id)?.state ?? 'terminated';
    if (before !== 'terminated') account?.host.terminate(id);
    const after = account?.host.list().find(({ instanceId }) => instanceId === id)?.state ?? 'terminated';
    return [
      element('instanceId', id),
      `<currentState>${stateXml(after)}</currentState>`,
      `<previousState>${stateXml(before)}</previousState>`,
    ].join('');
  });
  return itemSet('instancesSet', changes);
}

function known(ids: readonly string[], all: readonly HostedInstance[]): readonly string[] {
  const missing = ids.filter(id => !all.some(({ instanceId }) => instanceId === id));
  if (missing.length > 0) {
    const message = `The instance ID${missing.length > 1 ? 's' : ''} '${missing.join(', ')}' do${missing.length > 1 ? '' : 'es'} not exist`;
    throw new Ec2Error(400, 'InvalidInstanceID.NotFound', message);
  }
  return ids;
}

function matches(filter: QueryFilter, { instanceId, tags, state, instanceType }: HostedInstance): boolean {
  if (filter.name === 'instance-id') return matchesFilter(filter, instanceId);
  if (filter.name === 'instance-state-name') return matchesFilter(filter, state);
  if (filter.name === 'instance-type') return matchesFilter(filter, instanceType);
  if (!filter.name.startsWith('tag:')) throw invalidParameterValue(`The filter '${filter.name}' is invalid`);
  const value = tags[filter.name.slice('tag:'.length)];
  return value !== undefined && matchesFilter(filter, value);
}

function stateXml(state: HostedInstance['state']): string {
  return element('code', STATE_CODES[state]) + element('name', state);
}

function instanceXml(instance: HostedInstance): string {
  const { instanceId, instanceType, zone, lifecycle, state, launchedAtMs, tags, privateDnsName } = instance;
  return [
    element('instanceId', instanceId),
    `<instanceState>${stateXml(state)}</instanceState>`,
    // EC2 takes the name away with the machine.
    element('privateDnsName', state === 'terminated' ? '' : privateDnsName),
    element('instanceType', instanceType),
    element('launchTime', new Date(launchedAtMs).toISOString()),
    `<placement>${element('availabilityZone', zone)}</placement>`,
    lifecycle === 'spot' ? element('instanceLifecycle', 'spot') : '',
    itemSet(
      'tagSet',
      Object.entries(tags).map(([key, value]) => element('key', key) + element('value', value)),
    ),
  ].join('');
}
