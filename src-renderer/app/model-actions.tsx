import type { SpotlightActionGroupData } from '@mantine/spotlight';
import { IconArrowBackUp, IconFlask, IconUpload } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../common/contracts/index.ts';
import { pagePart } from '../connection/api-path.ts';
import { useConnection, useMay } from '../connection/connection-context.ts';
import { pickModelFiles } from '../connection/pick-model-files.ts';
import { useAct } from '../connection/use-call.ts';
import { useLive } from '../connection/use-live.ts';
import { modelUploads } from '../connection/use-model-uploads.ts';

type Action = SpotlightActionGroupData['actions'][number];

/** What the palette offers about models: upload, roll back, start an experiment; and the way to each experiment. */
export function useModelActions(): { readonly actions: Action[]; readonly experiments: Action[] } {
  const [, go] = useLocation();
  const { client } = useConnection();
  const mayAct = useMay('operator');
  const models = useLive('models').values;
  const experiments = useLive('experiments').values;
  const { mutate: rollBack } = useAct(api.models.rollbackModel, {
    onDone: () => go('/models'),
    refresh: [api.models.getModel, api.models.activeModel],
  });
  return useMemo(() => {
    const nameOf = (id: string) => {
      const manifest = models?.get(id)?.manifest;
      return manifest ? `${manifest.name} ${manifest.version}` : id;
    };
    const champion = [...(models?.values() ?? [])].find(({ aliases }) => aliases.includes('champion'));
    const icon = { size: 19, stroke: 1.6 };
    const upload: Action = {
      id: 'models/upload',
      label: 'Upload a model',
      leftSection: <IconUpload {...icon} />,
      onClick: () => {
        go('/models');
        pickModelFiles(files => void modelUploads.offer(client.address, files));
      },
    };
    const start: Action = {
      id: 'models/experiment',
      label: 'Start an experiment',
      description: 'Compare a version with the champion',
      leftSection: <IconFlask {...icon} />,
      onClick: () => go('/models?experiment=new'),
    };
    const back: Action[] = champion
      ? [
          {
            id: 'models/roll-back',
            label: 'Roll back the champion',
            description: `${nameOf(champion.id)} gives way to the one before it`,
            leftSection: <IconArrowBackUp {...icon} />,
            onClick: () => rollBack({ body: { task: champion.manifest.task } }),
          },
        ]
      : [];
    return {
      actions: mayAct ? [upload, start, ...back] : [],
      experiments: [...(experiments?.values() ?? [])].map(({ id, challengerId, championId, outcome }) => ({
        id: `experiment/${id}`,
        label: `${nameOf(challengerId)} against ${nameOf(championId)}`,
        description: `Experiment, ${outcome}`,
        leftSection: <IconFlask {...icon} />,
        onClick: () => go(`/models/experiments/${pagePart(id)}`),
      })),
    };
  }, [models, experiments, client, mayAct, go, rollBack]);
}
