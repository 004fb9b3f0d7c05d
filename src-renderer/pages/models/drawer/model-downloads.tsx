import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { Model, ModelFileKind } from '../../../../common/contracts/index.ts';
import { formatBytes } from '../../../../common/units/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { useConnection } from '../../../connection/connection-context.ts';
import { saveModelFile } from '../../../connection/save-model-file.ts';
import { isConverted } from '../format-words.ts';
import { DetailPart } from './detail-part.tsx';

/** The files of a version to take away: what was uploaded, what runs, and its manifest. */
export function ModelDownloads({ model }: { readonly model: Model }) {
  const { client } = useConnection();
  const save = useMutation({
    mutationFn: (kind: ModelFileKind) => saveModelFile(client.address, model, kind),
  });
  const files: readonly (readonly [ModelFileKind, string])[] = [
    ['original', `${model.original.fileName} (${formatBytes(model.original.bytes)})`],
    ...(isConverted(model) ? [['onnx', `ONNX that runs (${formatBytes(model.bytes)})`] as const] : []),
    ['manifest', 'Manifest'],
  ];
  return (
    <DetailPart title="Download">
      <Group gap="xs">
        {files.map(([kind, label]) => (
          <Button
            key={kind}
            size="xs"
            variant="default"
            maw="100%"
            leftSection={<IconDownload size={15} aria-hidden />}
            loading={save.isPending && save.variables === kind}
            onClick={() => save.mutate(kind)}
          >
            {label}
          </Button>
        ))}
      </Group>
      {save.error ? (
        <div style={{ marginTop: 10 }}>
          <ErrorState error={save.error} />
        </div>
      ) : null}
    </DetailPart>
  );
}
