import { Group, Text } from '@mantine/core';
import type { SecretProtection } from '../../../common/desktop-bridge.ts';
import { Card } from '../../components/card.tsx';
import { type Tone, ToneBadge } from '../../components/tone-badge.tsx';
import { useSecretProtection } from '../../connection/secret-protection.ts';

const STATES: Record<
  SecretProtection['by'],
  { readonly tone: Tone; readonly word: string; readonly text: string }
> = {
  keychain: {
    tone: 'good',
    word: 'Protected',
    text: 'The app encrypts them with a key that the keychain of this computer holds.',
  },
  'plain-text': {
    tone: 'risk',
    word: 'Not protected',
    text: 'This desktop has no keychain: whoever can read your files can read the secrets of the app. Install GNOME Keyring or KWallet and start the app again.',
  },
  nothing: {
    tone: 'neutral',
    word: 'None are kept',
    text: 'The keychain of this computer cannot be used, so the app keeps no secrets; unlock or install one, and start the app again.',
  },
};

/** How well this computer keeps the secrets of the app; only where it keeps some. */
export function SecretProtectionCard() {
  const protection = useSecretProtection();
  if (protection === undefined) return null;
  const { tone, word, text } = STATES[protection.by];
  return (
    <Card title="Secrets on this computer">
      <Group gap={10}>
        <ToneBadge tone={tone}>{word}</ToneBadge>
        <Text>
          {text}
          {protection.hasSecrets ? '' : ' It has none yet.'}
        </Text>
      </Group>
    </Card>
  );
}
