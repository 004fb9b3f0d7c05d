/** A kubeconfig (YAML) with one cluster, one user by token and one context, for kubectl and the Kubernetes clients. */
export function kubeconfigText(url: string, token: string): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- name: pretend',
    '  cluster:',
    `    server: ${JSON.stringify(url)}`,
    'users:',
    '- name: pretend',
    '  user:',
    `    token: ${JSON.stringify(token)}`,
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
