export type { Ec2Endpoint, Ec2EndpointOptions } from './start-ec2-endpoint.ts';
export { startEc2Endpoint } from './start-ec2-endpoint.ts';
export type { TokenBucketOptions } from './token-bucket.ts';
