/** How an agent can be started; in the cluster by a chart or by manifests, or where the reader is. */
export const joinWays = ['helm', 'kubectl', 'here'] as const;
export type JoinWay = (typeof joinWays)[number];

const CHART = 'infra/kubernetes/agent/chart';
const MANIFESTS = 'infra/kubernetes/agent';

interface Join {
  readonly serverUrl: string;
  readonly clusterName: string;
  readonly token: string;
}

/** The one command that brings an agent up, read-only; to be pasted in a checkout of CloudOptim. */
export function joinCommand(way: JoinWay, { serverUrl, clusterName, token }: Join): string {
  const server = shellWord(serverUrl);
  if (way === 'helm')
    return `helm upgrade --install cloudoptim-agent ${CHART} --namespace cloudoptim --create-namespace --set-string server=${server},joinToken=${token}`;
  if (way === 'kubectl')
    return `kubectl apply -f ${MANIFESTS}/read-only.yaml && kubectl -n cloudoptim create secret generic cloudoptim-agent --from-literal=server=${server} --from-literal=join-token=${token} --dry-run=client -o yaml | kubectl apply -f -`;
  return `npm run -s agent -- --server ${server} --join ${token} --data ~/.cloudoptim/agent-${clusterName}`;
}

/** The second step, to be taken when the agent may carry out approved plans. */
export function actingCommand(way: JoinWay): string | undefined {
  if (way === 'helm')
    return `helm upgrade cloudoptim-agent ${CHART} --namespace cloudoptim --reuse-values --set mode=acting`;
  if (way === 'kubectl') return `kubectl apply -f ${MANIFESTS}/acting.yaml`;
  return undefined;
}

/** Whether pods of a cluster cannot come to this address: it means the machine itself. */
export function isLoopback(serverUrl: string): boolean {
  const host = URL.parse(serverUrl)?.hostname ?? '';
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
}

/** As a shell reads it; plain where nothing in it is special. */
function shellWord(text: string): string {
  return /^[\w.:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
