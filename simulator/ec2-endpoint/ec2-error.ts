import { escapeXml } from './xml.ts';

/** A refusal as EC2 words it: HTTP status, error code, message. */
export class Ec2Error extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'Ec2Error';
    this.status = status;
    this.code = code;
  }
}

/** 400 InvalidParameterValue, EC2's word for a parameter it cannot use. */
export function invalidParameterValue(message: string): Ec2Error {
  return new Ec2Error(400, 'InvalidParameterValue', message);
}

/** The XML body of a refusal. */
export function errorXml(error: Ec2Error, requestId: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error></Errors><RequestID>${escapeXml(requestId)}</RequestID></Response>`;
}

/** The same in the shape of services whose Query protocol is not EC2's own, Auto Scaling among them. */
export function queryErrorXml(error: Ec2Error, requestId: string): string {
  return `<ErrorResponse><Error><Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${escapeXml(requestId)}</RequestId></ErrorResponse>`;
}
