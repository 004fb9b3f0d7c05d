import { Alert, Text } from '@mantine/core';
import { IconLockOpen } from '@tabler/icons-react';
import { useSecretProtection } from '../connection/secret-protection.ts';

/** Says on every page that secrets are kept which whoever reads the disk can read, too. */
export function SecretBanner() {
  const protection = useSecretProtection();
  if (protection?.by !== 'plain-text' || !protection.hasSecrets) return null;
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<IconLockOpen size={20} />}
      title="The secrets of this app are not protected on this computer"
      styles={{ title: { color: 'var(--co-risk-text)' }, icon: { color: 'var(--co-risk-text)' } }}
    >
      <Text size="sm">
        The desktop has no keychain, so whoever can read your files can read them. Install GNOME Keyring or
        KWallet and start the app again.
      </Text>
    </Alert>
  );
}
