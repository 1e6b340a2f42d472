import { signal } from '@preact/signals';
import { open, refuse } from './source';

/** Whether a file is held over the page. */
export const isOver = signal(false);

/** Takes files that are dropped anywhere on the page: the first of them is read. */
export function watchDrops(): void {
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    isOver.value = true;
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    // From one part of the page to another is no leaving.
    if (relatedTarget === null) isOver.value = false;
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    isOver.value = false;
    const file = event.dataTransfer?.files[0];
    if (file) void open(file, file.name);
    else refuse('Drop a file: folders and links cannot be read here.');
  });
}
