import { RunningFills } from './running-fills.tsx';
import { RunningImports } from './running-imports.tsx';
import { RunningReadings } from './running-readings.tsx';
import { RunningUploads } from './running-uploads.tsx';

/** How far uploads, fills, imports and readings of clusters are. */
export function RunningWork() {
  return (
    <>
      <RunningUploads />
      <RunningFills />
      <RunningImports />
      <RunningReadings />
    </>
  );
}
