import { Code, SimpleGrid, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ArchiveOrder } from '../../../connection/archive-uploads.ts';
import { AgainButton } from './again-button.tsx';

const ZONE = /^[a-z]{2,4}(-[a-z0-9]+)+[a-z]$/;

/** Asks which zone of this account each zone id is, and imports the file again with the answer. */
export function ZoneNames(props: {
  readonly zoneIds: readonly string[];
  readonly onAgain: ((changed: Partial<ArchiveOrder>) => void) | undefined;
}) {
  const { zoneIds, onAgain } = props;
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const given = zoneIds.filter(id => (names[id] ?? '') !== '');
  const wrong = given.find(id => !ZONE.test(names[id] ?? ''));
  const zones = given.map(id => `${names[id]}=${id}`).join(',');
  return (
    <div className="co-note">
      <Text size="sm" mb={8}>
        The file names zones by id, which is the same in all accounts; your account calls them by name, and
        differently from others. Their pools stand beside those by name until you say which is which.{' '}
        <Code>aws ec2 describe-availability-zones</Code> lists both.
      </Text>
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm" mb={10}>
        {zoneIds.map(id => (
          <TextInput
            key={id}
            size="xs"
            label={id}
            placeholder="eu-west-1a"
            value={names[id] ?? ''}
            onChange={event => setNames({ ...names, [id]: event.currentTarget.value.trim() })}
            {...(wrong === id ? { error: 'A zone is written like eu-west-1a' } : {})}
          />
        ))}
      </SimpleGrid>
      {given.length > 0 && wrong === undefined ? (
        <AgainButton label="Import again with these names" onAgain={onAgain && (() => onAgain({ zones }))} />
      ) : null}
    </div>
  );
}
