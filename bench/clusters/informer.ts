/** `node informer.ts KUBECONFIG`: what one would write with the Kubernetes client: informers of nodes and pods. Prints how many pods it holds. */
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';

const [file = ''] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(file);
const core = config.makeApiClient(CoreV1Api);
const pods = makeInformer(config, '/api/v1/pods', () => core.listPodForAllNamespaces());
const nodes = makeInformer(config, '/api/v1/nodes', () => core.listNode());
await Promise.all([pods.start(), nodes.start()]);
setInterval(() => process.stdout.write(`holds ${pods.list().length}\n`), 1_000);
