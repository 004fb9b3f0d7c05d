import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Blue of Okabe and Ito's palette with lighter and darker steps around it. */
const blue: MantineColorsTuple = [
  '#e6f4fd',
  '#cfe6f7',
  '#9dcbee',
  '#68afe5',
  '#3f98de',
  '#2589da',
  '#0072b2',
  '#00639c',
  '#00578b',
  '#004a79',
];

/** Greys with a breath of blue; index 6 and up are the grounds of the dark scheme. */
const dark: MantineColorsTuple = [
  '#d6dbe1',
  '#b3bac3',
  '#98a1ac',
  '#6b7581',
  '#3a434e',
  '#2a323b',
  '#1f262e',
  '#161c22',
  '#10151a',
  '#0b0f13',
];

/** The look of the app: system fonts, tight but readable, no outside resource. */
export const theme = createTheme({
  colors: { blue, dark },
  primaryColor: 'blue',
  primaryShade: { light: 7, dark: 6 },
  fontFamily:
    'Inter, "Segoe UI Variable", "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.375rem', lineHeight: '1.3' } } },
  components: {
    Tooltip: {
      defaultProps: {
        multiline: true,
        maw: 360,
        withArrow: true,
        openDelay: 150,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Button: { defaultProps: { size: 'sm' } },
    Drawer: { defaultProps: { position: 'right', size: 'lg' } },
    Modal: { defaultProps: { centered: true } },
  },
});
