import { TagsInput } from '@mantine/core';
import { useState } from 'react';

/** Takes names one by one, with offers below while somebody looks for one. */
export function NamesInput(props: {
  readonly label: string;
  readonly description: string;
  readonly offers: readonly string[];
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
  readonly isNeeded?: boolean;
}) {
  const { label, description, offers, values, onChange, isNeeded = false } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <TagsInput
      label={label}
      description={description}
      withAsterisk={isNeeded}
      splitChars={[',', ' ']}
      data={[...offers]}
      limit={20}
      dropdownOpened={isOpen}
      onDropdownClose={() => setOpen(false)}
      onSearchChange={typed => setOpen(typed !== '')}
      value={[...values]}
      onChange={next => {
        onChange(next);
        // The offers would cover what comes below.
        setOpen(false);
      }}
    />
  );
}
