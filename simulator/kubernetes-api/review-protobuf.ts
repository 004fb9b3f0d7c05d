/** The content type in which some kubectl commands (`auth can-i`) send their body. */
export const KUBERNETES_PROTOBUF = 'application/vnd.kubernetes.protobuf';

type Fields = ReadonlyMap<number, Buffer>;

const MAGIC = Buffer.from('k8s\0');
const RESOURCE_ATTRIBUTES = ['namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'];
const RULES_REVIEW = 'SelfSubjectRulesReview';
const ACCESS_REVIEW = 'SelfSubjectAccessReview';

/**
 * The JSON form of a review about oneself that came as protobuf (envelope: apimachinery `runtime.Unknown`; messages:
 * `authorization/v1/generated.proto`). `undefined` for any other kind: those must come as JSON.
 */
export function readProtobufReview(body: Buffer): object | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const envelope = readFields(body.subarray(MAGIC.length));
  const typeMeta = envelope && message(envelope, 1);
  const review = envelope && message(envelope, 2);
  if (!typeMeta || !review) return undefined;
  const apiVersion = text(typeMeta, 1);
  const kind = text(typeMeta, 2);
  const spec = message(review, 2);
  if (kind === RULES_REVIEW)
    return { apiVersion, kind, metadata: {}, spec: { namespace: spec ? text(spec, 1) : '' } };
  if (kind !== ACCESS_REVIEW || !spec) return undefined;
  const resource = message(spec, 1);
  const path = message(spec, 2);
  return {
    apiVersion,
    kind,
    metadata: {},
    spec: {
      ...(resource ? { resourceAttributes: named(resource, RESOURCE_ATTRIBUTES) } : {}),
      ...(path ? { nonResourceAttributes: named(path, ['path', 'verb']) } : {}),
    },
  };
}

function named(fields: Fields, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, text(fields, index + 1)]));
}

function text(fields: Fields, number: number): string {
  return fields.get(number)?.toString('utf8') ?? '';
}

function message(fields: Fields, number: number): Fields | undefined {
  const bytes = fields.get(number);
  return bytes && readFields(bytes);
}

/** The length-delimited fields of a message; varints are skipped, anything else ends the reading. */
function readFields(bytes: Buffer): Fields | undefined {
  const fields = new Map<number, Buffer>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length && shift < 35; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value >>> 0;
  };
  while (at < bytes.length) {
    const key = varint();
    const wireType = key & 7;
    if (wireType === 0) {
      varint();
    } else if (wireType === 2) {
      const length = varint();
      if (at + length > bytes.length) return undefined;
      fields.set(key >>> 3, bytes.subarray(at, at + length));
      at += length;
    } else {
      return undefined;
    }
  }
  return fields;
}
