/** An answer that ends a request: HTTP code, extra headers, and a `Status` (or other) body. */
export class StatusAnswer extends Error {
  readonly code: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, body: object, headers: Readonly<Record<string, string>> = {}) {
    super(`answered ${code}`);
    this.code = code;
    this.body = body;
    this.headers = headers;
  }
}

/** One cause inside `Status.details`. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

/** What `details` says about the object: its name and the resource with its group. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A failure `Status` as the API server writes it; without `reason` the field is absent. */
export function failure(
  code: number,
  reason: string | undefined,
  message: string,
  details?: StatusDetails,
  metadata: object = {},
): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata,
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** The success `Status` of evictions (201) and of deletions without an object (200). */
export function success(code: number, details?: StatusDetails): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details === undefined ? {} : { details }),
    ...(code === 201 ? { code } : {}),
  };
}

/** 400 BadRequest. */
export function badRequest(message: string): StatusAnswer {
  return new StatusAnswer(400, failure(400, 'BadRequest', message));
}

/** 404 NotFound of a named object. */
export function notFound(
  resource: { readonly resource: string; readonly group: string },
  name: string,
): StatusAnswer {
  const details = { name, ...group(resource.group), kind: resource.resource };
  return new StatusAnswer(
    404,
    failure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, details),
  );
}

/** 404 of a path that is no API. */
export function unknownPath(): StatusAnswer {
  return new StatusAnswer(
    404,
    failure(404, 'NotFound', 'the server could not find the requested resource', {}),
  );
}

/** 409 Conflict on one object. */
export function conflict(
  resource: { readonly resource: string; readonly group: string },
  name: string,
  message: string,
): StatusAnswer {
  const details = { name, ...group(resource.group), kind: resource.resource };
  const text = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${message}`;
  return new StatusAnswer(409, failure(409, 'Conflict', text, details));
}

/** 422 Invalid with one cause. */
export function invalid(kind: string, groupName: string, name: string, cause: StatusCause): StatusAnswer {
  const details = { name, ...group(groupName), kind, causes: [cause] };
  const shown = groupName === '' ? kind : `${kind}.${groupName}`;
  const text = `${shown} "${name}" is invalid: ${cause.field ? `${cause.field}: ` : ''}${cause.message}`;
  return new StatusAnswer(422, failure(422, 'Invalid', text, details));
}

/** `deployments.apps`, `pods`. */
export function qualified(resource: { readonly resource: string; readonly group: string }): string {
  return resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
}

function group(name: string): { readonly group?: string } {
  return name === '' ? {} : { group: name };
}
