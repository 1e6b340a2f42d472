import { signal } from '@preact/signals';

const query = window.matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark, as the visitor's system asks. */
export const isDark = signal(query.matches);

query.addEventListener('change', () => {
  isDark.value = query.matches;
});
