/** What part of a picture is shown: a point at `scale` times its place, less the offset. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Ways to change what is shown. */
export interface MapZoom {
  /** By a factor around a point of the view, its middle where none is given. */
  readonly zoom: (factor: number, point?: { readonly x: number; readonly y: number }) => void;
  /** By pixels of the view. */
  readonly pan: (dx: number, dy: number) => void;
  readonly set: (zoom: Zoom) => void;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
const MOST = 24;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Zoomed by `factor` around a point of the view, so that what is under it stays there. */
export function zoomAt(zoom: Zoom, factor: number, point: { x: number; y: number }, size: Size): Zoom {
  const scale = Math.min(MOST, Math.max(1, zoom.scale * factor));
  const ratio = scale / zoom.scale;
  return within(
    { scale, x: (zoom.x + point.x) * ratio - point.x, y: (zoom.y + point.y) * ratio - point.y },
    size,
  );
}

/** Moved by pixels of the view; never beyond the picture. */
export function panBy(zoom: Zoom, dx: number, dy: number, size: Size): Zoom {
  return within({ ...zoom, x: zoom.x + dx, y: zoom.y + dy }, size);
}

function within({ scale, x, y }: Zoom, { width, height }: Size): Zoom {
  const clamp = (value: number, most: number) => Math.min(Math.max(0, value), Math.max(0, most));
  return { scale, x: clamp(x, width * (scale - 1)), y: clamp(y, height * (scale - 1)) };
}
