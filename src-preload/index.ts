import { contextBridge, ipcRenderer } from 'electron';
import type { DesktopBridge, EngineState } from '../common/desktop-bridge.ts';
import { desktopChannels } from '../common/desktop-bridge.ts';

const bridge: DesktopBridge = {
  engine: () => ipcRenderer.invoke(desktopChannels.engine),
  onEngineState: listener => {
    const relay = (_event: unknown, state: EngineState) => listener(state);
    ipcRenderer.on(desktopChannels.engineState, relay);
    return () => ipcRenderer.removeListener(desktopChannels.engineState, relay);
  },
};

contextBridge.exposeInMainWorld('cloudoptim', bridge);
