import { Button, Group, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, type Model } from '../../../../common/contracts/index.ts';
import { counted } from '../../../components/number-text.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { useAct } from '../../../connection/use-call.ts';
import { useLive } from '../../../connection/use-live.ts';
import { FillGapDialog } from '../fill-gap-dialog.tsx';
import { formatWords, isConverted } from '../format-words.ts';
import { versionName } from '../model-order.ts';
import { gapText } from '../model-state.tsx';

/** What a file turned out to be, in plain words, and the next step with it. */
export function UploadVerdict({
  fileName,
  uploaded,
}: {
  readonly fileName: string;
  readonly uploaded: Model;
}) {
  // Live, because a fill or an activation may have happened since.
  const model = useLive('models').values?.get(uploaded.id) ?? uploaded;
  const [isFilling, setFilling] = useState(false);
  const activate = useAct(api.models.activateModel);
  const isAccepted = model.verdict === 'accepted';
  return (
    <Group justify="space-between" align="flex-start" gap="md">
      <div style={{ flex: '1 1 420px', minWidth: 0 }}>
        <Group gap={8} wrap="nowrap">
          <IconCircleCheck size={19} color="var(--co-saving-text)" aria-hidden style={{ flex: 'none' }} />
          <Text fw={600}>
            {fileName} was {model.verdict} as {versionName(model)}
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          It is {formatWords(model)}
          {isConverted(model) ? ', converted to ONNX' : ' that runs as it is'}, with{' '}
          {counted(model.manifest.features.length, 'feature')}; {gapText(model)}.
        </Text>
        {model.reasons.length === 0 ? null : <Text size="sm">{model.reasons.join(' ')}</Text>}
      </div>
      <Group gap="xs">
        {isAccepted && model.state === 'gap-open' ? (
          <RoleButton needs="operator" label="Fill its gap" onClick={() => setFilling(true)} />
        ) : isAccepted && model.state === 'ready' ? (
          <RoleButton
            needs="operator"
            label="Make it champion"
            loading={activate.isPending}
            onClick={() => activate.mutate({ body: { modelId: model.id } })}
          />
        ) : null}
        <Button component={Link} href={`/models/${pagePart(model.id)}`} variant="default">
          Open
        </Button>
      </Group>
      <FillGapDialog model={model} isOpen={isFilling} onClose={() => setFilling(false)} />
    </Group>
  );
}
