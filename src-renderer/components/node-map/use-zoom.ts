import { useMemo, useState } from 'react';
import { type MapZoom, panBy, WHOLE, type Zoom, zoomAt } from './zoom.ts';

/** The zoom of a map of this size, and the ways to change it; these stay the same while the size does. */
export function useZoom(width: number, height: number): [Zoom, MapZoom] {
  const [zoom, setZoom] = useState<Zoom>(WHOLE);
  const move = useMemo<MapZoom>(() => {
    const size = { width, height };
    const middle = { x: width / 2, y: height / 2 };
    return {
      zoom: (factor, point = middle) => setZoom(now => zoomAt(now, factor, point, size)),
      pan: (dx, dy) => setZoom(now => panBy(now, dx, dy, size)),
      set: setZoom,
    };
  }, [width, height]);
  return [zoom, move];
}
