import type { CatalogInstanceType } from '../market/index.ts';
import type { ActionContext } from './action-context.ts';
import { Ec2Error, invalidParameterValue } from './ec2-error.ts';
import { fingerprint } from './page-token.ts';
import { matchesFilter, type QueryFilter, type QueryParameters } from './query-parameters.ts';
import { element, itemSet } from './xml.ts';

const PAGE_SIZE = { min: 5, max: 100 };

/** DescribeInstanceTypes: what the catalog knows of each type, 100 in a page; the filters are those of `FILTERS`. */
export function describeInstanceTypes(parameters: QueryParameters, context: ActionContext): string {
  const names = parameters.list('InstanceType');
  const pageSize = parameters.wholeNumber('MaxResults', PAGE_SIZE);
  if (names.length > 0 && pageSize !== undefined) {
    throw new Ec2Error(
      400,
      'InvalidParameterCombination',
      'The parameter InstanceType cannot be used with MaxResults',
    );
  }
  const known = new Set(context.instanceTypes.map(type => type.instanceType));
  const unknown = names.filter(name => !known.has(name));
  if (unknown.length > 0) {
    const message = `The following supplied instance types do not exist: [${unknown.join(', ')}]`;
    throw new Ec2Error(400, 'InvalidInstanceType', message);
  }
  const filters = parameters.filters();
  const asked = context.instanceTypes
    .filter(type => names.length === 0 || names.includes(type.instanceType))
    .filter(type => filters.every(filter => matchesType(filter, type)));
  const question = fingerprint(JSON.stringify([names, filters, asked.length]));
  const from = offsetOf(parameters.text('NextToken'), question);
  const until = from + (pageSize ?? PAGE_SIZE.max);
  const mark = until < asked.length ? element('nextToken', tokenOf(until, question)) : context.lastPageMark();
  return itemSet('instanceTypeSet', asked.slice(from, until).map(typeXml)) + mark;
}

const FILTERS: Record<string, (type: CatalogInstanceType) => string> = {
  'instance-type': type => type.instanceType,
  'processor-info.supported-architecture': architecture,
  'vcpu-info.default-vcpus': type => String(type.vcpu),
  'memory-info.size-in-mib': type => String(type.memoryMib),
  'current-generation': () => 'true',
  'bare-metal': () => 'false',
  'supported-usage-class': () => 'spot',
};

function matchesType(filter: QueryFilter, type: CatalogInstanceType): boolean {
  const value = FILTERS[filter.name];
  if (!value) throw invalidParameterValue(`The filter '${filter.name}' is invalid`);
  return matchesFilter(filter, value(type));
}

function architecture(type: CatalogInstanceType): string {
  return type.arch === 'amd64' ? 'x86_64' : 'arm64';
}

function tokenOf(offset: number, question: string): string {
  return Buffer.from(`${question}:${offset}`).toString('base64');
}

function offsetOf(token: string | undefined, question: string): number {
  if (!token) return 0;
  const [asked, offset] = Buffer.from(token, 'base64').toString('utf8').split(':');
  if (asked !== question || !/^\d+$/.test(offset ?? '')) {
    throw invalidParameterValue(`Invalid value '${token.slice(0, 100)}' for nextToken.`);
  }
  return Number(offset);
}

function typeXml(type: CatalogInstanceType): string {
  const gpus = itemSet('gpus', [element('count', type.gpuCount)]);
  return [
    element('bareMetal', false),
    element('burstablePerformanceSupported', /^t\d/.test(type.instanceType)),
    element('currentGeneration', true),
    type.gpuCount > 0 ? `<gpuInfo>${gpus}</gpuInfo>` : '',
    element('hypervisor', 'nitro'),
    element('instanceType', type.instanceType),
    `<memoryInfo>${element('sizeInMiB', type.memoryMib)}</memoryInfo>`,
    `<processorInfo><supportedArchitectures>${element('item', architecture(type))}</supportedArchitectures></processorInfo>`,
    `<supportedUsageClasses>${element('item', 'on-demand')}${element('item', 'spot')}</supportedUsageClasses>`,
    `<vCpuInfo>${element('defaultVCpus', type.vcpu)}</vCpuInfo>`,
  ].join('');
}
