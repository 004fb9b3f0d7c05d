import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './app/theme.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { makeLanguagePlain } from './app/plain-language.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root".');
makeLanguagePlain(navigator);
createRoot(root).render(<App />);
