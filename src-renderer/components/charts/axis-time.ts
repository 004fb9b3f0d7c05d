/** Text of a mark on the axis of time: the day where marks are days apart or it begins there, else the hour. */
export function axisTime(atMs: number, stepSeconds: number): string {
  const at = new Date(atMs);
  const isDay = stepSeconds >= 86_400 || (at.getHours() === 0 && at.getMinutes() === 0);
  return isDay
    ? at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
    : at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
