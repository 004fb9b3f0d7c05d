/** Where a kubeconfig points and as whom; the authority is PEM. */
export interface KubeconfigTarget {
  readonly url: string;
  readonly certificateAuthority: string;
  readonly token: string;
}

/** A kubeconfig (YAML) with one cluster, one user by token and one context, for kubectl and the Kubernetes clients. */
export function kubeconfigText(target: KubeconfigTarget): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: pretend',
    '  cluster:',
    `    server: ${JSON.stringify(target.url)}`,
    `    certificate-authority-data: ${Buffer.from(target.certificateAuthority).toString('base64')}`,
    'users:',
    '- name: pretend',
    '  user:',
    `    token: ${JSON.stringify(target.token)}`,
    'contexts:',
    '- name: pretend',
    '  context:',
    '    cluster: pretend',
    '    user: pretend',
    '    namespace: default',
    'current-context: pretend',
    '',
  ].join('\n');
}
