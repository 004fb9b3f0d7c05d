import type { StepLine } from '../../../components/charts/steps/step-line.ts';
import { cssColour } from '../../../components/css-colour.ts';

/** Lines that are named below the picture. */
const NAMED = 24;
const LINE_HEIGHT = 18;
const COLUMN = 260;

/** Saves a picture with the names of its lines below it as PNG. */
export function savePicture(
  picture: HTMLCanvasElement | undefined,
  lines: readonly StepLine[],
  fileName: string,
): void {
  const context = picture && framed(picture, lines);
  context?.canvas.toBlob(blob => {
    if (!blob) return;
    const address = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = address;
    link.download = fileName;
    link.click();
    // Some browsers read the address after the click returned.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }, 'image/png');
}

function framed(
  picture: HTMLCanvasElement,
  lines: readonly StepLine[],
): CanvasRenderingContext2D | undefined {
  const scale = window.devicePixelRatio;
  const named = lines.slice(0, NAMED);
  const columns = Math.max(1, Math.floor(picture.width / scale / COLUMN));
  const rows = Math.ceil((named.length + (lines.length > NAMED ? 1 : 0)) / columns);
  const canvas = document.createElement('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height + (rows * LINE_HEIGHT + 20) * scale;
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.fillStyle = cssColour('--co-card', '');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
  context.scale(scale, scale);
  context.font = '12px system-ui, sans-serif';
  const texts = named.map(({ label, colour }) => ({ label, colour }));
  if (lines.length > NAMED) texts.push({ label: `and ${lines.length - NAMED} more`, colour: 'transparent' });
  for (const [index, { label, colour }] of texts.entries()) {
    const x = 16 + (index % columns) * COLUMN;
    const y = picture.height / scale + 14 + Math.floor(index / columns) * LINE_HEIGHT;
    context.fillStyle = colour;
    context.fillRect(x, y - 4, 12, 4);
    context.fillStyle = cssColour('--mantine-color-text', '');
    context.fillText(label, x + 18, y + 2);
  }
  return context;
}
