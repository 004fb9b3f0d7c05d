import { contextBridge, ipcRenderer } from 'electron';
import type { Arrival, DesktopBridge, EngineState } from '../common/desktop-bridge.ts';
import { desktopChannels } from '../common/desktop-bridge.ts';

const bridge: DesktopBridge = {
  engine: () => ipcRenderer.invoke(desktopChannels.engine),
  onEngineState: listener => {
    const relay = (_event: unknown, state: EngineState) => listener(state);
    ipcRenderer.on(desktopChannels.engineState, relay);
    // Whoever comes late has missed the last change.
    void ipcRenderer.invoke(desktopChannels.engineState).then(listener);
    return () => ipcRenderer.removeListener(desktopChannels.engineState, relay);
  },
  startEngine: () => ipcRenderer.invoke(desktopChannels.startEngine),
  showLog: () => ipcRenderer.invoke(desktopChannels.showLog),
  secretProtection: () => ipcRenderer.invoke(desktopChannels.secretProtection),
  onArrival: listener => {
    // The event only says that something is there: each arrival is given once, to the one who fetches it.
    const fetchAll = async () => {
      const arrivals: Arrival[] = await ipcRenderer.invoke(desktopChannels.arrivals);
      for (const arrival of arrivals) listener(arrival);
    };
    const relay = () => void fetchAll();
    ipcRenderer.on(desktopChannels.arrivals, relay);
    relay();
    return () => ipcRenderer.removeListener(desktopChannels.arrivals, relay);
  },
};

contextBridge.exposeInMainWorld('cloudoptim', bridge);
