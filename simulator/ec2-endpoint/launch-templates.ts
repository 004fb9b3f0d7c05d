import type { ActionContext } from './action-context.ts';
import { Ec2Error } from './ec2-error.ts';
import type { HostedAccount, HostedTemplate } from './instance-host.ts';
import type { QueryParameters } from './query-parameters.ts';
import { element, itemSet } from './xml.ts';

/** A template by id or name, with the number of the version that was meant. @throws Ec2Error as EC2 words it */
export function findTemplate(
  { templates }: HostedAccount,
  wanted: { id: string | undefined; name: string | undefined; version: string | undefined },
): { template: HostedTemplate; version: number } {
  const template = templates.find(({ id, name }) => id === wanted.id || name === wanted.name);
  if (!template) {
    const [code, text] =
      wanted.id === undefined
        ? ['InvalidLaunchTemplateName.NotFoundException', `name ${wanted.name}`]
        : ['InvalidLaunchTemplateId.NotFound', `ID ${wanted.id}`];
    throw new Ec2Error(
      400,
      code as string,
      `The specified launch template, with template ${text}, does not exist.`,
    );
  }
  const { versions } = template;
  const { version = '$Default' } = wanted;
  const number =
    version === '$Default' ? versions[0] : version === '$Latest' ? versions.at(-1) : Number(version);
  if (number === undefined || !versions.includes(number)) {
    const message = `Could not find the specified version ${version} for the launch template with ID ${template.id}.`;
    throw new Ec2Error(400, 'InvalidLaunchTemplateId.VersionNotFound', message);
  }
  return { template, version: number };
}

/** DescribeLaunchTemplates: all, or those named. */
export function describeLaunchTemplates(parameters: QueryParameters, { account }: ActionContext): string {
  const ids = parameters.list('LaunchTemplateId');
  const names = parameters.list('LaunchTemplateName');
  const found = (account?.templates ?? []).filter(
    ({ id, name }) => ids.length + names.length === 0 || ids.includes(id) || names.includes(name),
  );
  return itemSet(
    'launchTemplates',
    found.map(({ id, name, versions }) =>
      [
        element('launchTemplateId', id),
        element('launchTemplateName', name),
        element('defaultVersionNumber', versions[0] ?? 1),
        element('latestVersionNumber', versions.at(-1) ?? 1),
      ].join(''),
    ),
  );
}

/** DescribeLaunchTemplateVersions of one template: the versions named, or all. */
export function describeLaunchTemplateVersions(
  parameters: QueryParameters,
  { account }: ActionContext,
): string {
  if (!account) throw new Ec2Error(400, 'UnsupportedOperation', 'This region has no launch templates.');
  const wanted = { id: parameters.text('LaunchTemplateId'), name: parameters.text('LaunchTemplateName') };
  const asked = parameters.list('LaunchTemplateVersion');
  const { template } = findTemplate(account, { ...wanted, version: '$Default' });
  const numbers =
    asked.length === 0
      ? template.versions
      : asked.map(version => findTemplate(account, { ...wanted, version }).version);
  return itemSet(
    'launchTemplateVersionSet',
    numbers.map(number =>
      [
        element('launchTemplateId', template.id),
        element('launchTemplateName', template.name),
        element('versionNumber', number),
        element('defaultVersion', number === template.versions[0]),
      ].join(''),
    ),
  );
}
