import { SegmentedControl } from '@mantine/core';
import { useRemembered } from './remembered.ts';

/** Whose work a page shows: of this engine, of those that it syncs with, or both. */
export type Place = 'both' | 'here' | 'elsewhere';

/** The choice of the reader; without anything from elsewhere there is none. */
export function usePlace(hasElsewhere: boolean): readonly [Place, (place: Place) => void] {
  const [place, setPlace] = useRemembered<Place>('place', 'both');
  return [hasElsewhere ? place : 'here', setPlace];
}

/** Chooses between this engine, others and both; shown only where there is something from others. */
export function PlaceSwitch(props: {
  readonly hasElsewhere: boolean;
  readonly place: Place;
  readonly onChoose: (place: Place) => void;
}) {
  if (!props.hasElsewhere) return null;
  return (
    <SegmentedControl
      aria-label="Whose work"
      value={props.place}
      onChange={value => props.onChoose(value as Place)}
      data={[
        { value: 'both', label: 'Both' },
        { value: 'here', label: 'This engine' },
        { value: 'elsewhere', label: 'Other engines' },
      ]}
    />
  );
}
