/** Codes of OpenSSL for a chain that ends at nobody who is trusted here. */
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** What to do about a certificate that nobody vouches for; `undefined` for any other error. */
export function certificateTrouble(error: unknown): string | undefined {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || !untrusted.has(code)) return undefined;
  return `its certificate is signed by nobody whom this machine trusts (${code}): name the PEM file of its authority with --ca`;
}
