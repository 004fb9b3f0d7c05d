import { RunningFills } from './running-fills.tsx';
import { RunningImports } from './running-imports.tsx';
import { RunningUploads } from './running-uploads.tsx';

/** How far uploads, fills and imports are. */
export function RunningWork() {
  return (
    <>
      <RunningUploads />
      <RunningFills />
      <RunningImports />
    </>
  );
}
