import { useState } from 'react';

const PREFIX = 'cloudoptim.view.';

/** State of a view (sorting, columns) that the browser remembers under a name. Never for secrets. */
export function useRemembered<Value>(name: string, initial: Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState<Value>(() => read(name) ?? initial);
  const remember = (next: Value) => {
    setValue(next);
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify(next));
    } catch {
      // Full or forbidden storage: the choice lasts until the page is left.
    }
  };
  return [value, remember];
}

function read<Value>(name: string): Value | undefined {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? undefined : (JSON.parse(text) as Value);
  } catch {
    return undefined;
  }
}
