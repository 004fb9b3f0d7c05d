/** An empty canvas of this size in CSS pixels, sharp on any screen; `undefined` before it has a size. */
export function prepareCanvas(
  canvas: HTMLCanvasElement | null,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const context = canvas?.getContext('2d');
  if (!canvas || !context || width === 0) return undefined;
  const scale = window.devicePixelRatio;
  // Setting a size clears it, too.
  canvas.width = width * scale;
  canvas.height = height * scale;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}
