import { IconUpload } from '@tabler/icons-react';
import { RoleButton } from '../../../components/role-button.tsx';
import { useConnection } from '../../../connection/connection-context.ts';
import { pickModelFiles } from '../../../connection/pick-model-files.ts';
import { modelUploads } from '../../../connection/use-model-uploads.ts';

/** Asks for files and uploads them. */
export function UploadButton() {
  const { client } = useConnection();
  return (
    <RoleButton
      needs="operator"
      label="Upload a model"
      leftSection={<IconUpload size={17} aria-hidden />}
      onClick={() => pickModelFiles(files => void modelUploads.offer(client.address, files))}
    />
  );
}
