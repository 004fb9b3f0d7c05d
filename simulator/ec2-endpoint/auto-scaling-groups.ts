import type { ActionContext } from './action-context.ts';
import { Ec2Error } from './ec2-error.ts';
import type { HostedMember } from './instance-host.ts';
import type { QueryParameters } from './query-parameters.ts';
import { element, memberList } from './xml.ts';

/** DescribeAutoScalingGroups by name, or all of them. */
export function describeAutoScalingGroups(parameters: QueryParameters, context: ActionContext): string {
  const names = parameters.list('AutoScalingGroupNames.member');
  const groups = groupsOf(context).filter(({ name }) => names.length === 0 || names.includes(name));
  return memberList(
    'AutoScalingGroups',
    groups.map(group =>
      [
        element('AutoScalingGroupName', group.name),
        element('MinSize', group.min),
        element('MaxSize', Math.max(group.desired, group.min)),
        element('DesiredCapacity', group.desired),
        memberList('AvailabilityZones', group.zones),
        memberList(
          'SuspendedProcesses',
          group.suspended.map(process => element('ProcessName', process)),
        ),
        memberList('Instances', group.members.map(memberXml)),
      ].join(''),
    ),
  );
}

/** DescribeAutoScalingInstances: those of the asked ones that are in a group. */
export function describeAutoScalingInstances(parameters: QueryParameters, context: ActionContext): string {
  const ids = parameters.list('InstanceIds.member');
  const found = groupsOf(context).flatMap(({ name, members }) =>
    members
      .filter(({ instanceId }) => ids.length === 0 || ids.includes(instanceId))
      .map(member => element('AutoScalingGroupName', name) + memberXml(member)),
  );
  return memberList('AutoScalingInstances', found);
}

/**
 * TerminateInstanceInAutoScalingGroup. One that ends already is not ended again, and the group does not go below its minimum; the
 * words are those of AWS.
 */
export function terminateInstanceInAutoScalingGroup(
  parameters: QueryParameters,
  context: ActionContext,
): string {
  const instanceId = parameters.text('InstanceId') ?? '';
  const isDecremented = parameters.flag('ShouldDecrementDesiredCapacity');
  const group = groupsOf(context).find(({ members }) =>
    members.some(member => member.instanceId === instanceId),
  );
  const member = group?.members.find(one => one.instanceId === instanceId);
  if (!group || !member)
    throw validationError(`Instance Id not found - No managed instance found for instance ID ${instanceId}`);
  if (member.lifecycleState.startsWith('Terminating'))
    throw validationError(`The instance ${instanceId} is not in a valid state: ${member.lifecycleState}.`);
  if (isDecremented && group.desired <= group.min)
    throw validationError(
      `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  context.account?.groups?.end(instanceId, isDecremented);
  return `<Activity>${[
    element('ActivityId', `activity-${instanceId}`),
    element('AutoScalingGroupName', group.name),
    element('Cause', `instance ${instanceId} was taken out of service in response to a user request`),
    element('StartTime', new Date(context.nowMs).toISOString()),
    element('StatusCode', 'InProgress'),
  ].join('')}</Activity>`;
}

function groupsOf({ account }: ActionContext) {
  return account?.groups?.list() ?? [];
}

function memberXml({ instanceId, zone, lifecycleState, isProtected }: HostedMember): string {
  return [
    element('InstanceId', instanceId),
    element('AvailabilityZone', zone),
    element('LifecycleState', lifecycleState),
    element('HealthStatus', 'HEALTHY'),
    element('ProtectedFromScaleIn', isProtected),
  ].join('');
}

function validationError(message: string): Ec2Error {
  return new Ec2Error(400, 'ValidationError', message);
}
